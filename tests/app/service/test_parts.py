"""Parts of the service that work without it: processes, deadlines, log, configuration, workers."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from app.api import ApiError, DeviceType, ErrorCode, MachineState, MediumVariant
from app.api.schema import METHODS
from app.service import dispatch, imagework, media
from app.service.config import ServiceConfig
from app.service.deadlines import Deadlines
from app.service.log import LOG_NAME, close_log, open_log
from app.service.processes import ProcessIdentity, describe_exit, identify, is_alive, wait_for_exit
from app.service.records import SessionRecord, SessionRecords
from app.service.spawn import OUTPUT_NAME, output_tail, spawn_vm
from tests.app.service.support import failing, wait_until

# -- processes ---------------------------------------------------------------------------------


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_identity_tells_a_process_from_its_successors() -> None:
    own = identify(os.getpid())
    assert own is not None
    assert is_alive(own)
    assert own == identify(os.getpid())
    assert not is_alive(ProcessIdentity(own.pid, "another time"))


def test_a_zombie_is_dead() -> None:
    child = sleeper()
    process = identify(child.pid)
    assert process is not None
    child.kill()
    wait_until(lambda: identify(child.pid) is None)
    assert wait_for_exit(process, threading.Event())
    child.wait()
    assert identify(child.pid) is None


def test_waiting_ends_with_the_process_or_when_told() -> None:
    child = sleeper()
    process = identify(child.pid)
    assert process is not None
    stop = threading.Event()
    stop.set()
    assert not wait_for_exit(process, stop)
    threading.Timer(0.1, child.kill).start()
    assert wait_for_exit(process, threading.Event())
    child.wait()


def test_waiting_without_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int) -> int:
        raise OSError

    monkeypatch.setattr(os, "pidfd_open", refuse)
    test_waiting_ends_with_the_process_or_when_told()


@pytest.mark.parametrize(
    ("returncode", "told"),
    [(None, "startup"), (1, "exit code 1 (0x1)"), (-11, "because of signal 11")],
)
def test_exit_is_described(returncode: int | None, told: str) -> None:
    assert describe_exit(returncode).endswith(told)


# -- spawning ----------------------------------------------------------------------------------


def test_spawned_process_is_on_its_own_and_gets_only_what_was_forwarded(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "print(sys.argv[1:], os.environ.get('DISPLAY'), os.environ.get('LD_PRELOAD'))\n"
        "print(os.environ['VITRINE_USER_HOME'], os.getsid(0) == os.getpid())"
    )
    process = spawn_vm(
        (sys.executable, "-c", code),
        "some-id",
        "gui",
        home=tmp_path,
        log_folder=tmp_path / "Logs",
        environment={"DISPLAY": ":9", "LD_PRELOAD": "/evil.so"},
    )
    assert process.wait(20) == 0
    assert output_tail(tmp_path / "Logs") == (
        f"['--startvm', 'some-id', '--no-startvm-errormsgbox'] :9 None\n{tmp_path} True"
    )


def test_output_tail_is_short_and_complete_lines_only_when_it_must(tmp_path: Path) -> None:
    assert output_tail(tmp_path) == ""
    (tmp_path / OUTPUT_NAME).write_bytes(b"\xff\n" + b"line\n" * 10_000 + b"\n\nlast")
    tail = output_tail(tmp_path).splitlines()
    assert len(tail) == 12
    assert tail[-1] == "last"


def test_log_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "log folder .* cannot be written"):
        spawn_vm(("true",), "x", "gui", home=tmp_path, log_folder=tmp_path / "file" / "Logs",
                 environment={})  # fmt: skip


# -- records -----------------------------------------------------------------------------------


def test_records_are_kept_replaced_and_removed(tmp_path: Path) -> None:
    records = SessionRecords(tmp_path)
    assert records.read_all() == []
    record = SessionRecord(
        machine_id="11111111-1111-1111-1111-111111111111", pid=1, start_time="x", attached=True,
        captured=True, state=MachineState.RUNNING, frontend="gui", name="GUI/Qt",
    )  # fmt: skip
    records.write(record)
    paused = msgspec.structs.replace(record, state=MachineState.PAUSED)
    records.write(paused)
    assert records.read_all() == [paused]
    damaged = tmp_path / "sessions" / "22222222-2222-2222-2222-222222222222.json"
    damaged.write_text("{}")
    (tmp_path / "sessions" / "README").write_text("not ours")
    assert records.read_all() == [paused]
    assert not damaged.exists()
    records.remove(record.machine_id)
    records.remove(record.machine_id)
    assert records.read_all() == []
    assert (tmp_path / "sessions" / "README").exists()


# -- deadlines ---------------------------------------------------------------------------------


def test_deadlines_come_in_order_and_not_when_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    deadlines = Deadlines()
    called: list[str] = []

    def fail() -> None:
        called.append("failing")
        raise ValueError("a mistake")

    deadlines.after(0.15, lambda: called.append("late"))
    deadlines.after(0.05, lambda: called.append("early"))
    deadlines.after(0.02, fail)
    deadlines.after(0.08, lambda: called.append("cancelled")).cancel()
    wait_until(lambda: "late" in called)
    assert called == ["failing", "early", "late"]
    assert "a mistake" in caplog.text


# -- log and configuration ---------------------------------------------------------------------


def test_log_lines_and_rotation(tmp_path: Path) -> None:
    for number in range(13):
        handler = open_log(tmp_path)
        logging.getLogger("test").info("start %s", number)
        logging.getLogger("test").warning("careful")
        close_log(handler)
    newest = (tmp_path / LOG_NAME).read_text().splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{6} .{8} \S", line) for line in newest)
    assert newest[-2].endswith("start 12")
    assert newest[-1].endswith("WARNING: careful")
    assert "start 11" in (tmp_path / f"{LOG_NAME}.1").read_text()
    assert "start 2" in (tmp_path / f"{LOG_NAME}.10").read_text()
    assert len(list(tmp_path.iterdir())) == 11


def test_a_long_log_is_continued_in_a_new_file(tmp_path: Path) -> None:
    handler = open_log(tmp_path, max_bytes=2000)
    for number in range(100):
        logging.getLogger("test").info("line %s %s", number, "x" * 50)
    close_log(handler)
    kept = [tmp_path / LOG_NAME, *(tmp_path / f"{LOG_NAME}.{n}" for n in range(1, 11))]
    said = "".join(path.read_text() for path in reversed(kept) if path.exists())
    numbers = [int(found) for found in re.findall(r"line (\d+) x", said)]
    assert numbers == list(range(100))
    assert max(path.stat().st_size for path in kept if path.exists()) < 2200


def test_configuration_comes_from_the_environment() -> None:
    assert ServiceConfig.from_environment({}) == ServiceConfig()
    config = ServiceConfig.from_environment(
        {"VITRINE_SVC_IDLE": "0.5", "VITRINE_SVC_VM_COMMAND": "python3 'my vm.py'"}
    )
    assert (config.idle_seconds, config.vm_command) == (0.5, ("python3", "my vm.py"))


@pytest.mark.parametrize("value", ["x", "-1", "nan", "1e9", ""])
def test_wrong_configuration_is_named(value: str) -> None:
    with failing(ErrorCode.E_INVALIDARG, "VITRINE_SVC_ATTACH must be seconds"):
        ServiceConfig.from_environment({"VITRINE_SVC_ATTACH": value})


# -- handlers ----------------------------------------------------------------------------------


def test_handlers_have_the_parameters_and_results_that_the_interfaces_declare() -> None:
    import inspect
    import typing

    dispatch.load_handlers()
    for name, method in METHODS.items():
        handler = dispatch.HANDLERS[name]
        if handler.style is dispatch.Style.ROUTED:
            continue
        parameters = list(inspect.signature(handler.function).parameters.values())[1:]
        assert [p.name for p in parameters] == list(method.parameters), name
        hints = typing.get_type_hints(handler.function, vars(dispatch) | vars(
            sys.modules[handler.function.__module__]) | {"Service": object, "Peer": object})  # fmt: skip
        for parameter in method.parameters.values():
            assert hints[parameter.name] == parameter.annotation, (name, parameter.name)
        assert hints["return"] == method.result_type, name


def test_a_second_handler_is_refused() -> None:
    dispatch.load_handlers()
    with pytest.raises(ValueError, match=r"virtualbox\.get_version has two handlers"):
        dispatch.handler("virtualbox.get_version")(lambda _context: None)


def test_service_and_api_import_neither_qt_nor_engine_nor_numpy() -> None:
    code = (
        "import sys, app.api, app.api.vmsession, app.service.__main__\n"
        "from app.service.dispatch import load_handlers\n"
        "load_handlers()\n"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('PySide6', 'engine', 'numpy')]\n"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


# -- the worker for images ---------------------------------------------------------------------


def use_tool(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(imagework, "TOOL", (sys.executable, "-u", "-c", code))


def create(path: Path, **options: object) -> object:
    callbacks = {"progress": lambda _percent: None, "cancelled": lambda: False} | options
    return media.create_medium(str(path), 1 << 20, "VDI", MediumVariant.STANDARD, **callbacks)


def test_worker_is_ended_when_the_call_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tool(
        monkeypatch,
        "import signal, sys, time, pathlib\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))\n"
        "try:\n"
        "    print('{\"progress\": 5}')\n"
        "    time.sleep(60)\n"
        f"finally: pathlib.Path({str(tmp_path / 'tidied')!r}).touch()",
    )
    started = threading.Event()
    before = time.monotonic()
    with failing(ErrorCode.E_ABORT, "cancelled"):
        create(
            tmp_path / "x.vdi",
            progress=lambda _percent: started.set(),
            cancelled=started.is_set,
        )
    assert time.monotonic() - before < 10
    assert (tmp_path / "tidied").exists()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; sys.exit('out of luck')", "status 1: out of luck"),
        ("print('{}'); print('nonsense')", "status 0: it said nothing"),
        ("import os; os.kill(os.getpid(), 9)", "status -9"),
    ],
)
def test_worker_that_fails_without_a_word_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    use_tool(monkeypatch, code)
    with failing(ErrorCode.E_UNEXPECTED, told):
        create(tmp_path / "x.vdi")


def test_worker_errors_keep_their_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tool(
        monkeypatch,
        'print(\'{"error": {"code": "VERR_SHARING_VIOLATION", "message": "In use."}}\')',
    )
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, r"^In use\.$"):
        media.open_medium(str(tmp_path / "x.iso"), DeviceType.DVD)


def test_errors_can_be_sent_and_compared() -> None:
    import pickle

    error = ApiError(ErrorCode.VBOX_E_VM_ERROR, "It failed.", "machine")
    twin = pickle.loads(pickle.dumps(error))
    assert (twin.code, str(twin), twin.component) == (error.code, "It failed.", "machine")
    assert repr(twin) == "ApiError(VBOX_E_VM_ERROR, 'It failed.', component='machine')"
    assert ErrorCode.from_wire(0x12345) is ErrorCode.E_FAIL
