"""Settings that two have changed at once."""

from __future__ import annotations

import copy

from app.api import Client
from app.service.merging import merge
from app.settings.installation import GlobalSettings, MachineEntry
from app.settings.model import MachineSettings
from app.settings.network import NetworkAdapter
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of
from tests.app.settings.plain import plain_settings


def three() -> tuple[MachineSettings, MachineSettings, MachineSettings]:
    base = plain_settings("guest")
    base.extra_data = {"kept": "1", "ours": "1", "theirs": "1", "gone": "1"}
    return base, copy.deepcopy(base), copy.deepcopy(base)


def test_changes_of_different_settings_are_both_kept() -> None:
    base, theirs, ours = three()
    theirs.hardware.memory_mb = 333
    ours.description = "ours"
    ours.hardware.display.vram_mb = 77
    merged, conflicts = merge(base, theirs, ours)
    assert conflicts == []
    assert (merged.hardware.memory_mb, merged.description) == (333, "ours")
    assert merged.hardware.display.vram_mb == 77


def test_the_same_change_is_no_conflict() -> None:
    base, theirs, ours = three()
    theirs.hardware.memory_mb = ours.hardware.memory_mb = 333
    assert merge(base, theirs, ours) == (ours, [])


def test_the_same_setting_is_a_conflict_and_ours_counts() -> None:
    base, theirs, ours = three()
    theirs.hardware.memory_mb, ours.hardware.memory_mb = 333, 444
    merged, conflicts = merge(base, theirs, ours)
    assert (merged.hardware.memory_mb, conflicts) == (444, ["Base Memory"])


def test_entries_of_maps_are_merged_one_by_one() -> None:
    base, theirs, ours = three()
    theirs.extra_data = {"kept": "1", "ours": "1", "theirs": "2", "new theirs": "x"}
    ours.extra_data = {"kept": "1", "ours": "2", "theirs": "1", "gone": "1", "new ours": "x"}
    merged, conflicts = merge(base, theirs, ours)
    assert conflicts == []
    assert merged.extra_data == {
        "kept": "1", "ours": "2", "theirs": "2", "new ours": "x", "new theirs": "x",
    }  # fmt: skip


def test_items_are_merged_by_their_keys() -> None:
    base, theirs, ours = (GlobalSettings() for _ in range(3))
    old = MachineEntry(uuid="1", path="/old")
    base.machines = [old]
    theirs.machines = [old, MachineEntry(uuid="2", path="/theirs")]
    ours.machines = [MachineEntry(uuid="3", path="/ours")]
    merged, conflicts = merge(base, theirs, ours)
    assert conflicts == []
    assert [entry.uuid for entry in merged.machines] == ["3", "2"]


def test_changed_items_are_merged_inside() -> None:
    base = plain_settings("guest")
    adapter = NetworkAdapter(slot=0)
    base.hardware.network_adapters = [adapter]
    theirs, ours = copy.deepcopy(base), copy.deepcopy(base)
    theirs.hardware.network_adapters[0].enabled = not adapter.enabled
    ours.hardware.network_adapters[0].mac_address = "080027ABCDEF"
    merged, conflicts = merge(base, theirs, ours)
    assert conflicts == []
    merged_adapter = merged.hardware.network_adapters[0]
    assert merged_adapter.enabled is not adapter.enabled
    assert merged_adapter.mac_address == "080027ABCDEF"


def test_removing_what_another_changed_is_a_conflict() -> None:
    base, theirs, ours = three()
    theirs.extra_data["gone"] = "2"
    del ours.extra_data["gone"]
    merged, conflicts = merge(base, theirs, ours)
    assert conflicts == ["extra_data"]
    assert "gone" not in merged.extra_data


def test_clients_that_say_where_they_started_do_not_undo_each_other(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    with client_of("other") as other:
        ours = client.machine(machine.id).get_settings()
        theirs = other.machine(machine.id).get_settings()
        base = copy.deepcopy(ours)
        ours.description = "ours"
        theirs.hardware.memory_mb = 333
        other.machine(machine.id).save_settings(theirs, base)
        client.machine(machine.id).save_settings(ours, base)
        now = client.machine(machine.id).get_settings()
    assert (now.description, now.hardware.memory_mb) == ("ours", 333)
