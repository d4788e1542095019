"""The Qt client: nothing waits on the UI thread, everything arrives there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from pytestqt.qtbot import QtBot

from app.api import ApiError, ErrorCode, events
from app.api.qtclient import QtClient
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of, kill, running_service, service_pid


class Outcome:
    """What the callbacks of a call were told, and on which thread."""

    def __init__(self) -> None:
        self.results: list[object] = []
        self.errors: list[ApiError] = []
        self.threads: set[threading.Thread] = set()

    def done(self, result: object) -> None:
        self.threads.add(threading.current_thread())
        self.results.append(result)

    def failed(self, error: ApiError) -> None:
        self.threads.add(threading.current_thread())
        self.errors.append(error)

    @property
    def over(self) -> bool:
        return bool(self.results or self.errors)


@pytest.fixture
def qt_client(home: Path, qtbot: QtBot) -> Iterator[QtClient]:
    client = QtClient("Qt test")
    yield client
    client.close()


def test_first_call_starts_the_service_without_waiting(qt_client: QtClient, qtbot: QtBot) -> None:
    outcome = Outcome()
    with qtbot.waitSignal(qt_client.connected, timeout=30_000):
        before = time.monotonic()
        qt_client.call("virtualbox.list_machines", {}, outcome.done, outcome.failed)
        assert time.monotonic() - before < 0.05
        assert not qt_client.is_connected
    qtbot.waitUntil(lambda: outcome.over)
    assert outcome.results == [[]]
    assert outcome.threads == {threading.current_thread()}
    assert qt_client.is_connected


def test_errors_and_wrong_calls_come_to_failed(qt_client: QtClient, qtbot: QtBot) -> None:
    outcome = Outcome()
    qt_client.call("virtualbox.find_machine", {"name_or_id": "x"}, outcome.done, outcome.failed)
    qtbot.waitUntil(lambda: len(outcome.errors) == 1, timeout=30_000)
    qt_client.call("virtualbox.fly", {}, outcome.done, outcome.failed)
    qt_client.call("virtualbox.find_machine", {"wrong": 1}, outcome.done, outcome.failed)
    assert len(outcome.errors) == 1
    qtbot.waitUntil(lambda: len(outcome.errors) == 3)
    assert {error.code for error in outcome.errors} == {
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND, ErrorCode.E_NOTIMPL, ErrorCode.E_INVALIDARG,
    }  # fmt: skip
    assert outcome.threads == {threading.current_thread()}


def test_an_error_without_failed_goes_to_the_log(
    qt_client: QtClient, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    qt_client.call("virtualbox.find_machine", {"name_or_id": "nobody"})
    qtbot.waitUntil(lambda: "'nobody'" in caplog.text, timeout=30_000)


def test_events_are_signals_on_the_ui_thread(
    qt_client: QtClient, qtbot: QtBot, make_machine: MakeMachine
) -> None:
    seen: list[tuple[object, threading.Thread]] = []
    qt_client.event.connect(lambda event: seen.append((event, threading.current_thread())))
    with qtbot.waitSignal(qt_client.connected, timeout=30_000):
        qt_client.start()
    with client_of() as other:
        machine = make_machine(other)
    qtbot.waitUntil(lambda: len(seen) == 1)
    assert seen == [
        (events.MachineRegistered(id=machine.id, registered=True), threading.current_thread())
    ]


def test_the_signal_named_event_leaves_qobjects_event_alone(
    qt_client: QtClient, qtbot: QtBot
) -> None:
    names: list[str] = []
    qt_client.objectNameChanged.connect(names.append, Qt.ConnectionType.QueuedConnection)
    qt_client.setObjectName("client")
    qtbot.waitUntil(lambda: names == ["client"])
    assert QObject.event(qt_client, QEvent(QEvent.Type.None_)) is False


def test_a_killed_service_is_replaced(qt_client: QtClient, qtbot: QtBot, home: Path) -> None:
    with qtbot.waitSignal(qt_client.connected, timeout=30_000):
        qt_client.start()
    first = service_pid(home)
    with (
        qtbot.waitSignal(qt_client.connected, timeout=30_000),
        qtbot.waitSignal(qt_client.connection_lost) as lost,
    ):
        kill(first)
    assert "lost" in lost.args[0]
    outcome = Outcome()
    qt_client.call("virtualbox.get_version", {}, outcome.done, outcome.failed)
    qtbot.waitUntil(lambda: outcome.over)
    assert outcome.results[0].pid == service_pid(home) != first


def test_unreachable_service_fails_waiting_calls_and_is_tried_again(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    monkeypatch.setenv("VITRINE_USER_HOME", str(blocker / "config"))
    client = QtClient("Qt test")
    outcome = Outcome()
    with qtbot.waitSignal(client.connection_lost, timeout=30_000) as lost:
        client.call("virtualbox.list_machines", {}, outcome.done, outcome.failed)
    assert "cannot be used" in lost.args[0]
    assert outcome.errors[0].code is ErrorCode.VBOX_E_FILE_ERROR
    blocker.unlink()
    with (
        running_service_at(blocker / "config"),
        qtbot.waitSignal(client.connected, timeout=30_000),
    ):
        client.call("virtualbox.list_machines", {}, outcome.done, outcome.failed)
    client.close()


def running_service_at(home: Path) -> object:
    home.mkdir(parents=True)
    return running_service(home)


def test_progress_and_cancel(qt_client: QtClient, qtbot: QtBot, tmp_path: Path) -> None:
    outcome = Outcome()
    told: list[int] = []
    params = {"path": str(tmp_path / "d.vdi"), "size_bytes": 4 << 20, "variant": "Fixed"}
    qt_client.call(
        "virtualbox.create_medium", params, outcome.done, outcome.failed,
        progress=lambda percent, _text: told.append(percent),
    )  # fmt: skip
    qtbot.waitUntil(lambda: outcome.over, timeout=20_000)
    assert outcome.errors == []
    assert told == sorted(told)
    assert told[-1] == 100


def test_a_call_cancelled_before_the_connection_stands_is_cancelled_after(
    qt_client: QtClient, qtbot: QtBot, tmp_path: Path
) -> None:
    outcome = Outcome()
    path = tmp_path / "huge.vdi"
    params = {"path": str(path), "size_bytes": 1 << 40, "variant": "Fixed"}
    qt_client.call("virtualbox.create_medium", params, outcome.done, outcome.failed).cancel()
    qtbot.waitUntil(lambda: outcome.over, timeout=20_000)
    assert outcome.errors
    assert not path.exists()


def test_closing_is_quiet_and_final(qt_client: QtClient, qtbot: QtBot) -> None:
    with qtbot.waitSignal(qt_client.connected, timeout=30_000):
        qt_client.start()
    outcome = Outcome()
    with qtbot.assertNotEmitted(qt_client.connection_lost, wait=200):
        qt_client.close()
        qt_client.call("virtualbox.list_machines", {}, outcome.done, outcome.failed)
        qt_client.start()
    assert outcome.errors[0].code is ErrorCode.NS_ERROR_CALL_FAILED
    assert not qt_client.is_connected
