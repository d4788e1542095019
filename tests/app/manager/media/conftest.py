"""Media of a real service, and the pane that shows them."""

import copy
from pathlib import Path

import pytest

from app.api.structs import DeviceType
from app.manager.storage_edit import insert_medium

MB = 1 << 20


@pytest.fixture
def disks(api, tmp_path):
    """Make a known image; the folder is the test's own."""
    folder = tmp_path / "disks"

    def make(name, size=8 * MB, **params):
        return api.virtualbox.create_medium(str(folder / name), size, register=True, **params)

    return make


@pytest.fixture
def attach(api):
    """Put a medium into a drive of a machine."""

    def put(machine, medium):
        facade = api.machine(machine.id)
        base = facade.get_settings()
        settings = copy.deepcopy(base)
        folder = str(Path(machine.settings_path).parent)
        insert_medium(settings, folder, medium.device_type, medium)
        facade.save_settings(settings, base)

    return put


@pytest.fixture
def pane(window, wait_until):
    """The open media manager, filled."""
    wait_until(lambda: window._layout_is_known)
    window.open_tool("Media")
    opened = window.tools.pane("Media")
    wait_until(lambda: all(opened.store.is_loaded(kind) for kind in DeviceType))
    wait_until(lambda: bool(opened.store.formats(DeviceType.HARD_DISK)))
    return opened


@pytest.fixture
def known(api):
    """Ask the service for a medium as it is now, None when it is not known."""

    def find(medium):
        media = api.virtualbox.list_media(medium.device_type)
        return next((each for each in media if each.id == medium.id), None)

    return find
