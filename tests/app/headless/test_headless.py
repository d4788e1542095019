"""Machines without a window: exit codes, signals, and a service that goes away."""

import os
import signal
import subprocess
import sys
import time

import pytest

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import events
from app.headless import main as headless
from app.settings.model import MachineSettings
from tests.app.service.fixtures import home, make_machine  # noqa: F401 - fixtures
from tests.app.service.support import ROOT, client_of, kill, service_pid, wait_until


class FakeConsole:
    """Starts at once and ends when it is switched off."""

    def __init__(self, failure=None, *, orders=()):
        self.machine = "Test"
        self.failure = failure
        self.orders = list(orders)
        self.calls = []
        self.settings = MachineSettings(uuid="1", name="Test")

    def add_listener(self, listener):
        self.tell = listener

    def start(self, *, paused):
        self.calls.append(("start", paused))
        if self.failure is not None:
            raise self.failure
        for order in self.orders:
            order(self)

    def power_off(self):
        self.calls.append("power_off")
        self.tell(events.Ended())

    def save_state(self):
        self.calls.append("save_state")
        self.tell(events.Ended())


def test_exit_codes_of_a_run():
    refused = ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The disk image is damaged.")
    assert headless.HeadlessRun(FakeConsole(refused)).run(paused=False) == 1
    ended = FakeConsole(orders=[lambda console: console.tell(events.Ended())])
    assert headless.HeadlessRun(ended).run(paused=True) == 0
    assert ended.calls == [("start", True)]
    stuck = FakeConsole(
        orders=[
            lambda console: console.tell(events.StateChanged(MachineState.STUCK)),
            lambda console: console.tell(events.Ended()),
        ]
    )
    assert headless.HeadlessRun(stuck).run(paused=False) == 3


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_signals_save_the_machine(name, capsys):
    before = signal.getsignal(getattr(signal, name))
    console = FakeConsole(orders=[lambda _console: os.kill(os.getpid(), getattr(signal, name))])
    assert headless.HeadlessRun(console).run(paused=False) == 0
    assert console.calls == [("start", False), "save_state"]
    assert f"{name}: ending the machine 'Test'." in capsys.readouterr().err
    assert signal.getsignal(getattr(signal, name)) is before


def test_wrong_options(capsys):
    assert headless.main([]) == 2
    assert headless.main(["--startvm", "x", "--vrde", "perhaps"]) == 2
    assert headless.main(["--help"]) == 0
    assert "Exit codes: 0" in capsys.readouterr().out


def run_headless(*options, **popen):
    command = [sys.executable, "-m", "app.headless", *options]
    return subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **popen
    )


@pytest.mark.usefixtures("home")
def test_unknown_machine_is_told_and_code_1():
    process = run_headless("--startvm", "Nobody", "--vrde", "on")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "error: Could not find a registered machine named 'Nobody'" in errors


def test_no_qt_and_little_memory_are_loaded():
    program = (
        "import sys, app.headless.main, app.console.process\n"
        "print([n for n in sys.modules if 'PySide6' in n or n.startswith(('app.vmwindow', 'app.manager'))])\n"
        # Not ru_maxrss, which begins with what the process that forked this one had.
        "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')][0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules, kib = done.stdout.splitlines()
    assert modules == "[]"
    assert int(kib) < 150 * 1024


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


@pytest.mark.slow
@pytest.mark.usefixtures("firmware")
def test_a_real_machine_survives_its_service_and_ends_in_order(home, make_machine):  # noqa: F811
    with client_of(start_service=True) as client:
        machine = make_machine(client)
        settings = client.machine(machine.id).get_settings()
        settings.hardware.memory_mb = 64
        client.machine(machine.id).save_settings(settings)
    process = run_headless("--startvm", "guest")
    try:
        with client_of() as client:
            wait_until(
                lambda: client.virtualbox.find_machine("guest").state is MachineState.RUNNING, 30
            )
            time.sleep(1)
            assert resident_kib(process.pid) < (64 + 150) * 1024
        kill(service_pid(home), signal.SIGKILL)
        with client_of(start_service=True) as client:
            wait_until(
                lambda: client.virtualbox.find_machine("guest").session_name == "headless", 30
            )

            def paused():
                try:
                    client.console(machine.id).pause()
                except ApiError:
                    return False
                return True

            wait_until(paused, 30)
            with pytest.raises(ApiError, match="has no window"):
                client.machine(machine.id).show_window()
        # As the end of a session does: all its processes at once.
        os.kill(service_pid(home), signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        with client_of(start_service=True) as client:
            assert client.virtualbox.find_machine("guest").state is MachineState.SAVED
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
