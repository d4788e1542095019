"""The virtual machine's life: states, resets, pauses, host failures, media and its end."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time

import pytest

from engine.dbgf.errors import DebuggerError
from engine.errors import ConfigurationError, EngineError, FirmwareMissingError, InvalidStateError
from engine.iom import Range
from engine.pdm.interfaces import ResetKind
from engine.vm import VM
from engine.vmevents import VmState
from tests.engine.tinypc import IDLE, LOOP, TinyPc


@pytest.fixture
def pc(tmp_path):
    """Return a function that makes machines; they are switched off in the end."""
    made = []

    def make(source=LOOP, **options):
        made.append(TinyPc(tmp_path, source, **options))
        return made[-1]

    threads = set(threading.enumerate())
    yield make
    for machine in made:
        machine.vm.power_off()
    assert set(threading.enumerate()) <= threads


def port(machine, number, handler):
    machine.vm.ports.map(Range("test", "port", number, 1, (1,), None,
                               lambda offset, value, size: handler(value)))


# ------------------------------------------------------------------ life cycle


def test_power_on_runs_from_the_reset_vector(pc):
    machine = pc()
    assert machine.vm.state is VmState.CREATED
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    assert machine.starts == 1
    assert machine.states() == ["RUNNING"]


def test_commands_need_a_fitting_state(pc):
    machine = pc()
    vm = machine.vm
    for command in (vm.pause, vm.resume, vm.reset, vm.press_power_button, vm.send_nmi):
        with pytest.raises(InvalidStateError, match="is created; this needs it to be"):
            command()
    vm.power_on()
    with pytest.raises(InvalidStateError, match="is running"):
        vm.power_on()
    with pytest.raises(InvalidStateError, match="is running; this needs it to be suspended"):
        vm.resume()
    vm.power_off()
    with pytest.raises(InvalidStateError, match="is powered off"):
        vm.reset()
    with pytest.raises(InvalidStateError):
        vm.power_on()


def test_pause_holds_the_guest_and_its_time(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    vm.pause()
    count, now = machine.count, vm.time.now()
    time.sleep(0.05)
    assert (machine.count, vm.time.now()) == (count, now)
    vm.resume()
    machine.wait_for(lambda: machine.count > count)
    assert machine.states() == ["RUNNING", "SUSPENDED", "RUNNING"]


def test_power_on_paused(pc):
    machine = pc()
    machine.vm.power_on(paused=True)
    time.sleep(0.02)
    assert (machine.starts, machine.states()) == (0, ["SUSPENDED"])
    machine.vm.resume()
    machine.wait_for(lambda: machine.starts == 1)


@pytest.mark.parametrize("when", ["created", "running", "halted", "paused"])
def test_power_off(pc, when):
    machine = pc(IDLE if when == "halted" else LOOP)
    if when != "created":
        machine.vm.power_on()
        machine.wait_for(lambda: machine.count > 0)
    if when == "paused":
        machine.vm.pause()
    started = time.perf_counter()
    machine.vm.power_off()
    assert time.perf_counter() - started < 1.0
    machine.vm.power_off()
    assert machine.vm.state is VmState.POWERED_OFF
    assert machine.states().count("POWERED_OFF") == 1
    machine.vm.put_scancodes(b"\x1e\x9e")
    machine.vm.put_mouse(1, 1)


def test_power_off_by_many_threads_at_once(pc):
    machine = pc()
    machine.vm.power_on()
    failures = []

    def off():
        try:
            machine.vm.power_off()
            assert machine.vm.state is VmState.POWERED_OFF
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=off) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert failures == []
    assert machine.states().count("POWERED_OFF") == 1


def test_a_listener_cannot_switch_off_but_may_fail(pc):
    machine = pc()
    refused = []

    def listener(event):
        machine.events.append(event)
        try:
            machine.vm.power_off()
        except InvalidStateError as error:
            refused.append(str(error))
        raise RuntimeError("a listener's mistake")

    machine.vm._listener = listener
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    assert "cannot be switched off by its own" in refused[0]
    machine.vm.pause()
    machine.vm.resume()
    assert machine.vm.state is VmState.RUNNING
    machine.vm._listener = None


def test_a_power_on_that_fails_leaves_a_machine_that_can_be_closed(pc, monkeypatch):
    machine = pc()

    def broken(kind):
        raise OSError("no clock")

    monkeypatch.setattr(machine.vm.devices.devices["mc146818/0"], "reset", broken)
    with pytest.raises(OSError, match="no clock"):
        machine.vm.power_on()
    machine.vm.power_off()
    assert machine.vm.state is VmState.POWERED_OFF


def test_commands_that_race_with_power_off_are_refused(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    answers = []

    def hammer():
        while True:
            try:
                vm.pause()
                vm.resume()
            except InvalidStateError:
                if vm.state is VmState.POWERED_OFF:
                    answers.append("off")
                    return

    threads = [threading.Thread(target=hammer) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    vm.power_off()
    for thread in threads:
        thread.join(10)
    assert answers == ["off"] * 3


# ------------------------------------------------------------------ resets


def test_the_reset_button_keeps_ram_and_resets_devices(pc):
    machine = pc("mov al, 0x55\nout 0x80, al\n" + LOOP)
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    vm.memory.write(0x100000, b"kept")
    pit = vm.devices.devices["i8254/0"]
    kinds = []
    original = pit.reset
    pit.reset = lambda kind: (kinds.append(kind), original(kind))
    vm.reset()
    machine.wait_for(lambda: machine.starts == 2)
    assert vm.memory.read(0x100000, 4) == b"kept"
    assert kinds == [ResetKind.HARD]
    assert machine.resets() == ["reset button"]


def test_reset_of_a_suspended_machine_takes_effect_at_resume(pc):
    machine = pc()
    machine.vm.power_on()
    machine.wait_for(lambda: machine.starts == 1)
    machine.vm.pause()
    machine.vm.reset()
    time.sleep(0.02)
    assert (machine.starts, machine.vm.state) == (1, VmState.SUSPENDED)
    machine.vm.resume()
    machine.wait_for(lambda: machine.starts == 2)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("mov al, 0xFE\nout 0x64, al", "keyboard"),
        ("mov dx, 0xCF9\nmov al, 6\nout dx, al", "CF9"),
        ("in al, 0x92\nor al, 1\nout 0x92, al", "port 92h"),
        ("lidt [cs:none]\nint3\nnone: dw 0, 0, 0", "triple fault"),
    ],
)  # fmt: skip
def test_resets_by_the_guest(pc, source, word):
    """The first start asks for a reset, the second one goes on; nothing runs in between."""
    machine = pc(
        f"cmp dword [0x500], 1\njne go_on\n{source}\njmp $+2\nmov dword [0x508], 1\nhlt\n"
        f"go_on:\n" + LOOP
    )
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    assert machine.starts == 2
    assert machine.dword(0x508) == 0
    assert word.lower() in machine.resets()[0].lower()


def test_a20_is_open_after_a_reset(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()

    vm.pause()  # the guest would run into nothing

    def close_all():
        for source in list(vm._a20_sources) or ["port92"]:
            vm.set_a20(source, False)
        return vm.a20_enabled(), vm.engine._cpu.state.a20_mask

    assert vm.emt.call(close_all) == (False, ~(1 << 20))
    vm.reset()
    assert vm.emt.call(lambda: (vm.a20_enabled(), vm.engine._cpu.state.a20_mask)) == (True, -1)


# ------------------------------------------------------------------ failures of host and program


def test_a_host_failure_suspends_and_resume_tries_again(pc):
    machine = pc("again:\nout 0x98, al\ninc dword [0x508]\n" + LOOP)
    vm, tried = machine.vm, []

    def retry():
        tried.append(vm.state)
        if len(tried) == 1:
            vm.suspend_on_error("DrvVD_DISKFULL", "Still full.", retry)

    port(machine, 0x98, lambda value: vm.suspend_on_error("DrvVD_DISKFULL", "Disk full.", retry))
    vm.power_on()
    machine.wait_for(machine.errors)
    machine.wait_for(lambda: vm.state is VmState.SUSPENDED)
    error = machine.errors()[0]
    assert (error.error_id, error.message, error.fatal) == ("DrvVD_DISKFULL", "Disk full.", False)
    vm.resume()
    machine.wait_for(lambda: len(machine.errors()) == 2)
    machine.wait_for(lambda: vm.state is VmState.SUSPENDED)
    vm.resume()
    machine.wait_for(lambda: len(tried) == 2)
    assert vm.state is VmState.RUNNING
    assert tried == [VmState.RUNNING, VmState.RUNNING]


def test_a_failure_while_paused_is_forgotten_when_resume_has_tried_again(pc):
    machine = pc()
    vm, tried = machine.vm, []
    vm.power_on()
    vm.pause()
    vm.emt.call(lambda: vm.suspend_on_error("DISK", "Full.", lambda: tried.append(1)))
    vm.resume()
    machine.wait_for(lambda: machine.count > 0)
    time.sleep(0.02)
    assert (tried, machine.errors(), vm.state) == ([1], [], VmState.RUNNING)


def test_a_reset_forgets_operations_to_retry(pc):
    machine = pc()
    vm, tried = machine.vm, []
    vm.power_on()
    vm.emt.call(lambda: vm.suspend_on_error("DISK", "Full.", lambda: tried.append(1)))
    machine.wait_for(lambda: vm.state is VmState.SUSPENDED)
    vm.reset()
    vm.resume()
    machine.wait_for(lambda: machine.starts >= 1)
    assert tried == []


def test_a_device_that_raises_is_a_guru_meditation(pc):
    machine = pc("out 0x98, al\n" + LOOP)

    def broken(value):
        raise KeyError("register 17")

    port(machine, 0x98, broken)
    machine.vm.power_on()
    machine.wait_for(machine.errors)
    assert machine.vm.state is VmState.GURU_MEDITATION
    assert machine.states() == ["RUNNING", "GURU_MEDITATION"]
    (error,) = machine.errors()
    assert error.fatal
    assert "register 17" in error.message
    count, now = machine.count, machine.vm.time.now()
    time.sleep(0.02)
    assert (machine.count, machine.vm.time.now()) == (count, now)
    with pytest.raises(InvalidStateError, match="guru meditation"):
        machine.vm.resume()


def test_a_device_that_fails_at_a_key_is_a_guru_meditation(pc, monkeypatch):
    machine = pc()
    machine.vm.power_on()

    def broken(codes):
        raise KeyError("no such key")

    monkeypatch.setattr(machine.vm._inputs.keyboard, "put_scancodes", broken)
    machine.vm.put_scancodes(b"\x1e")
    machine.wait_for(lambda: machine.vm.state is VmState.GURU_MEDITATION)


def test_the_guest_switches_off(pc):
    machine = pc()
    machine.vm.power_on()
    machine.vm.emt.call(lambda: machine.vm.request_power_off("ACPI S5"))
    machine.wait_for(machine.switched_off)
    assert machine.vm.state is VmState.SUSPENDED


# ------------------------------------------------------------------ media and the debugger


class Sink:
    def __init__(self):
        self.data, self.closed = bytearray(), False

    def write(self, data):
        self.data += data

    def close(self):
        self.closed = True


def test_attach_and_detach_while_running(pc):
    machine = pc("mov dx, 0x402\nmov al, 'x'\nagain:\nout dx, al\ninc dword [0x504]\njmp again")
    vm, first, second = machine.vm, Sink(), Sink()
    assert vm.attach("debugport/0", 0, first) is None
    vm.power_on()
    machine.wait_for(lambda: first.data)
    assert vm.attach("debugport/0", 0, second) is first
    size = len(first.data)
    machine.wait_for(lambda: second.data)
    assert len(first.data) == size
    vm.pause()
    assert vm.attach("debugport/0", 0, None) is second
    assert vm.attach("debugport/0", 0, second) is None
    with pytest.raises(ConfigurationError, match="no device modem/0"):
        vm.attach("modem/0", 0, None)
    vm.power_off()
    assert second.closed
    assert not first.closed, "what was taken out is its taker's"


def test_info_and_statistics(pc):
    machine = pc()
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    assert "Date:" in machine.vm.info("mc146818")
    assert machine.vm.info("mc146818/0").startswith("Time:")
    with pytest.raises(DebuggerError, match="no information item 'teapot'"):
        machine.vm.info("teapot")
    assert machine.vm.statistics()["/EM/Runs"][1] == "times"
    assert machine.vm.statistics()["/Devices/debugport/0/GuestErrors"] == (0, "times")
    machine.vm.power_off()
    assert machine.vm.statistics()["/EM/Runs"][0] > 0


# ------------------------------------------------------------------ construction


def disk(folder):
    path = folder / "disk.img"
    path.write_bytes(bytes(1 << 20))
    return str(path)


def with_disk(path):
    def edit(root):
        root.child("Devices/piix4ide/0/Config").set({"unit0": "disk"})
        node = root.child("Devices/piix4ide/0/LUN#0").set({"Driver": "VD"})
        node.child("Config").set({"Path": path, "Type": "hdd", "ReadOnly": False})

    return edit


def test_a_construction_that_fails_leaves_images_unlocked(pc, tmp_path):
    path = disk(tmp_path)

    def edit(root):
        with_disk(path)(root)
        root.child("Devices/serial/0/Config").set({"irq": 77})

    with pytest.raises(ConfigurationError, match="interrupt 77"):
        pc(edit=edit)
    machine = pc(edit=with_disk(path))
    with pytest.raises(EngineError, match=r"disk\.img"):
        pc(edit=with_disk(path))  # in use by the first one
    machine.vm.power_off()
    pc(edit=with_disk(path)).vm.power_off()


@pytest.mark.parametrize(
    ("edit", "error", "words"),
    [
        (lambda root: root.child("Firmware").set({"Bios": "/nowhere"}), FirmwareMissingError,
         "/nowhere"),
        (lambda root: root.values.pop("RamSize"), ConfigurationError, "/RamSize must be"),
        (lambda root: root.set({"RamSize": 12345}), ConfigurationError, "12345"),
        (lambda root: root.child("Devices/flux/0"), ConfigurationError, "no device named 'flux'"),
        (lambda root: root.child("CPUM").set({"EnablePAE": 1}), ConfigurationError, "EnablePAE"),
    ],
)  # fmt: skip
def test_configurations_that_cannot_be_built(pc, edit, error, words):
    with pytest.raises(error, match=words):
        pc(edit=edit)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self")
def test_machines_one_after_the_other_leave_nothing_behind(pc, tmp_path):
    def footprint():
        gc.collect()
        with open("/proc/self/statm") as file:
            resident = int(file.read().split()[1]) * 4096
        return resident, len(os.listdir("/proc/self/fd")), threading.active_count()

    def round_trip():
        with TinyPc(tmp_path, IDLE).vm as vm:
            vm.power_on()

    for _ in range(5):
        round_trip()
    before = footprint()
    for _ in range(20):
        round_trip()
    after = footprint()
    assert after[1:] == before[1:]
    assert after[0] - before[0] < 2 << 20


def test_a_vm_is_a_context_manager(pc):
    machine = pc()
    with machine.vm as vm:
        assert isinstance(vm, VM)
        vm.power_on()
    assert machine.vm.state is VmState.POWERED_OFF
