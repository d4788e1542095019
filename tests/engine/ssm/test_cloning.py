"""A clone goes on from the saved state of its source, though its identities are others."""

from __future__ import annotations

import json
import uuid

import pytest

from engine.errors import SavedStateError
from engine.pcboard import IdeUnit, Nic
from engine.ssm import StateReader
from engine.ssm.cloning import copy_for_clone, main
from engine.storage.create import create_medium
from engine.storage.maintain import set_medium_ids
from tests.engine.tinypc import TinyPc

OLD, NEW = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
OLD_MAC, NEW_MAC = "080027AAAAAA", "080027BBBBBB"
IDENTITIES = {OLD: NEW, OLD_MAC: NEW_MAC}


def machine(folder, identity, mac):
    folder.mkdir()
    disk = folder / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=1 << 20)
    set_medium_ids(disk, image_id=uuid.UUID(identity))
    ide = [IdeUnit("disk", str(disk)), *(IdeUnit() for _ in range(3))]
    return TinyPc(folder, "forever: inc dword [0x504]\njmp forever", uuid=identity, ide=ide,
                  nics=[Nic(mac=mac)])  # fmt: skip


def load(pc, state):
    with StateReader(str(state)) as reader:
        pc.vm.power_on(saved=reader, paused=True)


@pytest.fixture
def state(tmp_path):
    pc = machine(tmp_path / "source", OLD, OLD_MAC)
    pc.vm.power_on()
    try:
        pc.wait_for(lambda: pc.count > 0)
        pc.vm.capture(product="a test", details={}).write(str(tmp_path / "source.sav"))
    finally:
        pc.vm.power_off()
    return tmp_path / "source.sav"


def test_a_clone_goes_on(tmp_path, state):
    clone = machine(tmp_path / "clone", NEW, NEW_MAC)
    try:
        with pytest.raises(SavedStateError, match=f"mac is '{NEW_MAC}', it was '{OLD_MAC}'"):
            load(clone, state)
    finally:
        clone.vm.power_off()
    own = tmp_path / "clone.sav"
    assert copy_for_clone(str(state), str(own), "twin", IDENTITIES)
    clone = machine(tmp_path / "again", NEW, NEW_MAC)
    try:
        load(clone, own)
        assert clone.count > 0
    finally:
        clone.vm.power_off()
    with StateReader(str(own)) as reader:
        assert reader.header.machine == "twin"


def test_what_is_not_understood_is_copied_as_it_is(tmp_path, state):
    for content in (b"\x7fVirtualBox SavedState V2.0\n", state.read_bytes()[:40], b""):
        (tmp_path / "other.sav").write_bytes(content)
        assert not copy_for_clone(str(tmp_path / "other.sav"), str(tmp_path / "copy"), "twin", {})
        assert (tmp_path / "copy").read_bytes() == content


def test_answers_are_one_json_object(tmp_path, state, capfd):
    assert main([str(state), str(tmp_path / "copy"), "twin", f"{OLD}={NEW}"]) == 0
    assert json.loads(capfd.readouterr().out) == {"result": True}
    assert main([str(state), str(tmp_path / "none" / "copy"), "twin"]) == 1
    message = json.loads(capfd.readouterr().out)["error"]["message"]
    assert message.endswith("none/copy': No such file or directory.")
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".tmp"]
