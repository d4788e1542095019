"""The tables of the pages must fit the declarations of the settings."""

import pytest

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.fields.vocabulary import words_of
from app.manager.settings_dialog.search import find
from app.manager.settings_dialog.spec import Requirement, all_pages, all_spots, declare, spot_of
from app.settings.declare import Group, Items, fields_of
from app.settings.model import MachineSettings

SPOTS = [spot for spot in all_spots() if "[1]" not in spot.field.path]

# Settings that people do not edit, and those that other parts of the manager edit.
ELSEWHERE = {
    "uuid", "directory_includes_uuid", "state_key_id", "state_key_store", "log_key_id",
    "log_key_store", "state_file", "current_snapshot", "current_state_modified",
    "last_state_change", "aborted", "extra_data", "snapshots", "groups", "media.hard_disks",
    "media.dvd_images", "media.floppy_images", "hardware.hardware_version",
    "hardware.architecture", "hardware.cpu.plugged", "hardware.cpu.cpuid_leaves",
    "hardware.firmware.nvram_key_id", "hardware.firmware.nvram_key_store",
    "hardware.bandwidth_groups", "hardware.pci_devices", "hardware.guest_property_patterns",
    "hardware.guest_properties",
}  # fmt: skip


def settings_of(structure, prefix=""):
    for field in fields_of(structure):
        path = f"{prefix}{field.name}"
        if isinstance(field.declaration, Items):
            yield path
        elif field.item is not None and (
            isinstance(field.declaration, Group) or field.name == "recording"
        ):
            yield from settings_of(field.item, f"{path}.")
        else:
            yield path


@pytest.mark.parametrize("path", sorted(set(settings_of(MachineSettings)) - ELSEWHERE))
def test_every_setting_has_a_place(path):
    assert spot_of(path) is not None


def test_what_is_edited_elsewhere_is_on_no_page():
    own = {spot.field.path for spot in all_spots()}
    assert set(settings_of(MachineSettings)) >= ELSEWHERE
    assert not own & ELSEWHERE


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.field.path)
def test_every_row_is_declared_named_explained_and_found(qapp, spot):
    declaration = setting_path.declared(spot.field.path).declaration
    assert declaration.label
    assert spot.field.title
    assert spot.field.help_text.endswith(".")
    choices = getattr(declaration, "choices", None)
    if choices is not None and spot.field.editor is None and spot.field.words is None:
        assert words_of(choices)
    titles = [found.field.title for found in find(spot.field.title)]
    assert spot.field.title in titles


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.field.path)
def test_reasons_are_sentences(spot):
    rule = spot.field.requires
    if isinstance(rule, Requirement):
        assert not rule.reason or rule.reason.endswith(".")
        settings = MachineSettings(uuid="1", name="m")
        assert isinstance(rule.holds(settings), bool)


def test_reading_and_writing_of_missing_items():
    settings = MachineSettings(uuid="1", name="m")
    path = "hardware.network_adapters[3].nat.mtu"
    assert setting_path.read(settings, path) == 0
    setting_path.write(settings, path, 0)
    assert not settings.hardware.network_adapters
    setting_path.write(settings, path, 1500)
    (adapter,) = settings.hardware.network_adapters
    assert (adapter.slot, adapter.nat.mtu) == (3, 1500)
    setting_path.write(settings, "extra_data[GUI/Scale]", "true")
    assert settings.extra_data == {"GUI/Scale": "true"}
    setting_path.write(settings, "extra_data[GUI/Scale]", "")
    assert not settings.extra_data


@pytest.mark.parametrize("path", ["nothing", "hardware.nothing", "hardware.cpu.nothing"])
def test_unknown_settings_are_an_error(path):
    with pytest.raises(LookupError, match="nothing"):
        setting_path.declared(path)


def test_a_page_declared_twice_is_an_error():
    with pytest.raises(ValueError, match="declared twice"):
        declare(all_pages()[0])
