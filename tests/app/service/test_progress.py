"""Long operations as every client sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api import Client, ErrorCode, ProgressInfo, events
from app.api.errors import ApiError
from app.service.deadlines import Deadlines
from app.service.dispatch import HANDLERS, CallContext, Handler, Style
from app.service.hub import EventHub
from app.service.progress import Operations
from app.service.server import Service
from tests.app.service.support import Recorder, client_of, failing, wait_until


class Work:
    """Stands in for the handler of ``virtualbox.create_medium``."""

    def __init__(self) -> None:
        self.context: CallContext | None = None
        self.error: ApiError | None = None
        self.may_end = threading.Event()

    def __call__(self, context: CallContext, **_params: object) -> object:
        self.context = context
        context.progress(30, "first step")
        while not self.may_end.wait(0.01):
            context.check_cancelled()
        context.progress(80, "second step")
        if self.error is not None:
            raise self.error
        return {"id": "x", "path": "/x", "format": "VDI"}


@pytest.fixture
def work(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    work = Work()
    monkeypatch.setitem(
        HANDLERS, "virtualbox.create_medium", Handler(work, Style.WORKER, "Making a disk")
    )
    yield work
    work.may_end.set()


def begin(client: Client, answers: list[object]) -> None:
    client.start_call(
        "virtualbox.create_medium", {"path": "/x", "size_bytes": 1},
        on_result=answers.append, on_error=answers.append,
    )  # fmt: skip


def running(client: Client) -> ProgressInfo:
    wait_until(client.virtualbox.list_progress_operations)
    [info] = client.virtualbox.list_progress_operations()
    return info


def test_an_operation_is_listed_told_and_waited_for_by_others(client: Client, work: Work) -> None:
    with client_of("onlooker") as onlooker:
        recorder = Recorder(onlooker)
        answers: list[object] = []
        begin(client, answers)
        wait_until(lambda: running(onlooker).percent == 30)
        info = running(onlooker)
        assert info.description == "Making a disk"
        assert info.operation_description == "first step"
        assert info.initiator.startswith("test (process ")
        assert info.cancelable
        assert not info.completed
        assert info.time_remaining >= 0
        progress = onlooker.progress(info.id)
        assert not progress.wait_for_completion(20).completed
        outcome: list[ProgressInfo] = []
        onlooker.start_call(
            "progress.wait_for_completion", {"id": info.id},
            on_result=outcome.append, on_error=lambda error: pytest.fail(str(error)),
        )  # fmt: skip
        assert progress.get().percent == 30
        assert not outcome
        work.may_end.set()
        wait_until(lambda: outcome and answers)
        assert (outcome[0].completed, outcome[0].percent, outcome[0].result_code) == (True, 100, 0)
        assert progress.wait_for_completion() == progress.get() == outcome[0]
        assert onlooker.virtualbox.list_progress_operations() == []
        recorder.wait_for(
            events.ProgressCreated(progress_id=info.id, description="Making a disk"),
            events.ProgressPercentageChanged(progress_id=info.id, percent=30),
            events.ProgressTaskCompleted(progress_id=info.id),
        )
        names = [type(event).__name__ for event in recorder.events]
        assert names[0] == "ProgressCreated"
        assert names[-1] == "ProgressTaskCompleted"


def test_anybody_may_cancel(client: Client, work: Work) -> None:
    answers: list[object] = []
    begin(client, answers)
    with client_of("onlooker") as onlooker:
        progress = onlooker.progress(running(onlooker).id)
        progress.cancel()
        info = progress.wait_for_completion()
        assert info.canceled
        assert info.completed
        assert info.result_code == ErrorCode.E_ABORT
        progress.cancel()
    wait_until(lambda: answers)
    assert isinstance(answers[0], ApiError)
    assert answers[0].code is ErrorCode.E_ABORT


def test_failure_is_told_with_code_and_sentence(client: Client, work: Work) -> None:
    work.error = ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The disk is full.", "medium")
    answers: list[object] = []
    begin(client, answers)
    progress = client.progress(running(client).id)
    work.may_end.set()
    info = progress.wait_for_completion()
    assert (info.result_code, info.error_text) == (0x80BB0004, "The disk is full.")
    assert (info.canceled, info.percent) == (False, 80)


def test_the_client_that_began_it_learns_its_id(client: Client, work: Work) -> None:
    said: list[str] = []
    pending = client.start_call(
        "virtualbox.create_medium", {"path": "/x", "size_bytes": 1},
        on_result=lambda _result: None, on_error=lambda _error: None,
        on_progress=lambda percent, step: said.append(f"{percent} {step}"),
    )  # fmt: skip
    wait_until(lambda: pending.progress_id)
    assert client.progress(pending.progress_id).get().description == "Making a disk"
    wait_until(lambda: "30 first step" in said)


def test_what_cannot_be_cancelled_says_so(
    client: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = Handler(work, Style.WORKER, "Making a disk", cancelable=False)
    monkeypatch.setitem(HANDLERS, "virtualbox.create_medium", declared)
    begin(client, [])
    info = running(client)
    assert not info.cancelable
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "cannot be canceled: Making a disk"):
        client.progress(info.id).cancel()


def test_unknown_operations_are_named(client: Client) -> None:
    progress = client.progress("nothing")
    for call in (progress.get, progress.cancel, progress.wait_for_completion):
        with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "'nothing'"):
            call()


def test_outcomes_are_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.progress.KEPT_SECONDS", 0.02)
    operations = Operations(EventHub(), Deadlines())
    operation = operations.begin("something", "somebody", None)
    operation.complete(None)
    operation.complete(ApiError(ErrorCode.E_FAIL, "too late"))
    assert operation.info.result_code == 0

    def gone() -> bool:
        try:
            operations.find(operation.id)
        except ApiError:
            return True
        return False

    wait_until(gone)


def test_percentages_never_fall_and_are_not_told_too_often(client: Client) -> None:
    hub = EventHub()
    told: list[events.Event] = []
    hub.fire = told.append  # type: ignore[method-assign]
    operation = Operations(hub, Deadlines()).begin("something", "somebody", None)
    before = time.monotonic()
    for percent in [*range(101), 50]:
        operation.update(percent, f"step {percent}")
    elapsed = time.monotonic() - before
    percents = [e.percent for e in told if isinstance(e, events.ProgressPercentageChanged)]
    assert 1 <= len(percents) <= 1 + elapsed / 0.05
    assert percents == sorted(percents)
    assert operation.info.percent == 100
    assert operation.info.operation_description == "step 50"


def test_a_real_disk_is_an_operation(client: Client, tmp_path: Path) -> None:
    recorder = Recorder(client)
    client.virtualbox.create_medium(str(tmp_path / "disk.vdi"), 1 << 20)
    created = next(e for e in recorder.events if isinstance(e, events.ProgressCreated))
    assert created.description.startswith("Creating medium")
    assert client.progress(created.progress_id).get().percent == 100
