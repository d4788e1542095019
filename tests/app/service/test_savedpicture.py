"""Pictures in saved states through the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import ApiError, ErrorCode
from engine.ssm.file import Header, StateWriter

PNG = b"\x89PNG\r\n\x1a\nlarge"
SMALL = b"\x89PNG\r\n\x1a\nsmall"


def write_state(path: Path, **units: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with StateWriter(str(path), Header(machine="guest")) as writer:
        writer.add("cpu/0", 1, b"registers")
        for name, data in units.items():
            writer.add(name, 1, data)
        writer.add("ram", 1, bytes(1 << 16))
        writer.commit()
    return path


@pytest.fixture
def saved(client, make_machine, tmp_path):
    """A machine that is saved."""
    machine = make_machine(client)
    file = write_state(tmp_path / "state.sav", screenshot=PNG, thumbnail=SMALL)
    client.saved_state(machine.id).adopt(str(file))
    return machine, file


def test_pictures_of_a_saved_machine(client, saved):
    machine, _file = saved
    assert client.saved_state(machine.id).read_screenshot() == PNG
    assert client.saved_state(machine.id).read_screenshot(thumbnail=True) == SMALL


def test_a_state_without_pictures(client, make_machine, tmp_path):
    machine = make_machine(client)
    client.saved_state(machine.id).adopt(str(write_state(tmp_path / "blind.sav")))
    assert client.saved_state(machine.id).read_screenshot() == b""


def test_a_machine_that_is_not_saved(client, make_machine):
    machine = make_machine(client)
    with pytest.raises(ApiError) as caught:
        client.saved_state(machine.id).read_screenshot()
    assert caught.value.code == ErrorCode.VBOX_E_INVALID_OBJECT_STATE


def test_a_damaged_state(client, saved):
    machine, file = saved
    data = bytearray(file.read_bytes())
    data[-40:] = b""
    data[60] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(ApiError) as caught:
        client.saved_state(machine.id).read_screenshot()
    assert caught.value.code == ErrorCode.VBOX_E_FILE_ERROR
    assert "header" in caught.value.message


def test_a_state_of_virtualbox_is_told_apart(client, saved):
    machine, file = saved
    file.write_bytes(b"\x7fVirtualBox SavedState V2.0\n" + bytes(200))
    with pytest.raises(ApiError) as caught:
        client.saved_state(machine.id).read_screenshot()
    assert "was saved by VirtualBox" in caught.value.message


def test_the_picture_of_a_snapshot(client, saved):
    machine, _file = saved
    client.saved_state(machine.id).discard(remove_file=False)
    snapshot = client.snapshots(machine.id).take("One")
    with pytest.raises(ApiError) as caught:
        client.saved_state(machine.id).read_screenshot(snapshot=snapshot.uuid)
    assert "'One' has no saved state" in caught.value.message
    with pytest.raises(ApiError) as caught:
        client.saved_state(machine.id).read_screenshot(snapshot="Two")
    assert caught.value.code == ErrorCode.VBOX_E_OBJECT_NOT_FOUND
