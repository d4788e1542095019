"""Saving the execution state, going on from it, and what happens to it when the process must end."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console.ending import end_in_order
from app.console.saving import begin_save_state
from app.settings.enums import AutostopType
from engine.errors import SavedStateError
from engine.ssm import Header, StateReader, StateWriter
from engine.vmevents import VmState
from tests.app.console.fakes import FakeVm
from tests.app.console.test_console import console, iso, session, states  # noqa: F401 - fixtures


def saved_files(session):  # noqa: F811
    folder = Path(session.start_info.snapshot_folder)
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_running_machine_is_saved_and_ends(console, session):  # noqa: F811
    console.start()
    console.save_state()
    assert console.wait_for_end(5)
    assert states(console) == ["Running", "Saving", "Saved"]
    (file,) = saved_files(session)
    assert session.saved_state == str(file)
    assert file.suffix == ".sav"
    assert session.reports[-1] == ("Saved", None)
    assert session.detached.is_set()
    with StateReader(str(file)) as reader:
        assert reader.header.product.startswith("Vitrine ")
    assert (50, "Saving the execution state") in session.progress


def test_a_paused_machine_is_saved_too(console, session):  # noqa: F811
    console.start()
    console.pause()
    console.save_state()
    assert console.wait_for_end(5)
    assert states(console) == ["Running", "Paused", "Saving", "Saved"]


@pytest.mark.parametrize("paused", [False, True])
def test_what_cannot_be_written_loses_nothing(console, session, monkeypatch, paused):  # noqa: F811
    console.start()
    if paused:
        console.pause()
    before = console.state
    monkeypatch.setattr(FakeVm, "write_error", OSError(28, "No space left on device"))
    with pytest.raises(ApiError, match="No space left") as caught:
        console.save_state()
    assert caught.value.code is ErrorCode.VBOX_E_HOST_ERROR
    assert console.state is before
    assert saved_files(session) == []
    assert session.saved_state is None


def test_a_service_that_refuses_the_file_loses_nothing(console, session):  # noqa: F811
    console.start()
    session.refusal = ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The settings cannot be written.")
    with pytest.raises(ApiError, match="settings cannot be written"):
        console.save_state()
    assert console.state is MachineState.RUNNING
    assert FakeVm.last.state is VmState.RUNNING
    assert saved_files(session) == []


def test_saving_can_be_cancelled(console, session):  # noqa: F811
    console.start()
    session.on_progress = console.cancel_save_state
    with pytest.raises(ApiError) as caught:
        console.save_state()
    assert caught.value.code is ErrorCode.E_ABORT
    assert console.state is MachineState.RUNNING
    assert saved_files(session) == []


def test_saving_for_somebody_else_does_not_block(console, session):  # noqa: F811
    console.start()
    go_on = threading.Event()
    session.on_progress = go_on.wait
    begin_save_state(console)
    assert console.state is MachineState.SAVING
    go_on.set()
    assert console.wait_for_end(5)
    with pytest.raises(ApiError, match="its state is Saved"):
        begin_save_state(console)


def test_a_machine_goes_on_from_its_state(console, session, tmp_path):  # noqa: F811
    path = tmp_path / "old.sav"
    with StateWriter(str(path), Header(machine="Debian")) as writer:
        writer.commit()
    session.start_info = msgspec.structs.replace(session.start_info, state_file=str(path))
    console.start()
    assert FakeVm.last.saved == "Debian"
    assert states(console) == ["Restoring", "Running"]


def test_a_damaged_state_stays_for_another_try(console, session, tmp_path):  # noqa: F811
    path = tmp_path / "old.sav"
    path.write_bytes(b"nothing of use")
    session.start_info = msgspec.structs.replace(session.start_info, state_file=str(path))
    with pytest.raises(ApiError, match="is not a saved state"):
        console.start()
    assert states(console) == ["Restoring", "AbortedSaved"]
    assert path.exists()


class Ending:
    """A console whose ways to end can be refused."""

    def __init__(self, autostop, *, listens=True, can_save=True):
        self.calls = []
        self.state = MachineState.RUNNING
        self.listens = listens
        self.can_save = can_save
        self.settings = msgspec.convert({"uuid": "1", "name": "x"}, type=_settings_type())
        self.settings.autostart.autostop = autostop

    def power_button(self):
        self.calls.append("button")
        return self.listens

    def save_state(self):
        self.calls.append("save")
        if not self.can_save:
            raise ApiError(ErrorCode.VBOX_E_FILE_ERROR, "full")

    def power_off(self):
        self.calls.append("off")


def _settings_type():
    from app.settings.model import MachineSettings

    return MachineSettings


@pytest.mark.parametrize(
    ("autostop", "options", "calls"),
    [
        (AutostopType.DISABLED, {}, ["save"]),
        (AutostopType.SAVE_STATE, {"can_save": False}, ["save", "off"]),
        (AutostopType.POWER_OFF, {}, ["off"]),
        (AutostopType.ACPI_SHUTDOWN, {}, ["button"]),
        (AutostopType.ACPI_SHUTDOWN, {"listens": False}, ["button", "save"]),
    ],
)
def test_what_a_process_does_when_it_must_end(autostop, options, calls):
    console = Ending(autostop, **options)  # noqa: F811
    end_in_order(console)
    assert console.calls == calls


def test_errors_of_states_reach_the_client_as_file_errors():
    from app.console.errors import api_error

    assert api_error(SavedStateError("damaged")).code is ErrorCode.VBOX_E_FILE_ERROR
