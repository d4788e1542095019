"""What every test may use, and what no test may do.

No test reads or writes the settings of the account that runs it: ``VITRINE_USER_HOME`` points to a
folder of this test run before any test module is imported (child processes inherit it), and an
audit hook refuses files in the real places.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

from app.settings.paths import config_folder, default_machine_folder
from tests.guest_images import GuestImages, GuestUnavailableError, guest_builder, guests_folder

# Slow things last, so that a mistake shows early.
LAYERS = ("slow", "e2e", "guest")
# Events whose first argument is a path that is opened or changed.
GUARDED_EVENTS = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"}

# No test makes interfaces of the host, except in a network namespace of its own.
os.environ.setdefault("VITRINE_TUN", "/nonexistent/tun")
# A test that needs a real window says so by QT_QPA_PLATFORM=xcb for the process it starts.
os.environ["QT_QPA_PLATFORM"] = "offscreen"


class RealConfigurationGuard:
    """Refuses access to the real settings and the default machine folder.

    Attributes:
        real: the folders that are off limits.
    """

    def __init__(self) -> None:
        environ = {
            name: value
            for name, value in os.environ.items()
            if name not in ("VITRINE_USER_HOME", "VBOX_USER_HOME")
        }
        self.real = (config_folder(environ), default_machine_folder(environ))
        self._prefixes = tuple(folder + os.sep for folder in self.real)
        self.active = True

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in GUARDED_EVENTS or not self.active:
            return
        path = arguments[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if isinstance(path, str) and (path in self.real or path.startswith(self._prefixes)):
            raise PermissionError(f"a test must not touch {path} (see tests/conftest.py)")


def pytest_configure(config):
    config.stash[GUARD] = guard = RealConfigurationGuard()
    sys.addaudithook(guard)
    # Paths of sockets are limited to some 100 bytes: not below pytest's long names.
    config.stash[HOME] = home = tempfile.mkdtemp(prefix="vt-")
    os.environ["VITRINE_USER_HOME"] = os.path.join(home, "config")
    os.environ.pop("VBOX_USER_HOME", None)
    config.stash[STARTED] = time.monotonic()


def pytest_unconfigure(config):
    config.stash[GUARD].active = False
    shutil.rmtree(config.stash[HOME], ignore_errors=True)


GUARD = pytest.StashKey[RealConfigurationGuard]()
HOME = pytest.StashKey[str]()
STARTED = pytest.StashKey[float]()


def pytest_collection_modifyitems(items):
    def layer(item):
        return max((1 + i for i, name in enumerate(LAYERS) if item.get_closest_marker(name)), default=0)

    items.sort(key=layer)


def pytest_runtest_setup(item):
    """Skip real guests when the time that ``VITRINE_GUEST_BUDGET`` (s) gives them is used up."""
    budget = os.environ.get("VITRINE_GUEST_BUDGET")
    if not budget or item.get_closest_marker("guest") is None:
        return
    elapsed = time.monotonic() - item.config.stash[STARTED]
    if elapsed > float(budget):
        pytest.skip(f"the time for real guests is used up ({elapsed:.0f} s of {budget} s)")


# ------------------------------------------------------------------ fixtures


def use_new_home(factory, monkeypatch):
    """Give this process and its children an empty configuration folder; return it."""
    folder = factory.mktemp("h") / "c"
    folder.mkdir()
    monkeypatch.setenv("VITRINE_USER_HOME", str(folder))
    return folder


@pytest.fixture
def vitrine_home(tmp_path_factory, monkeypatch):
    """An empty configuration folder of this test's own, used by child processes too."""
    return use_new_home(tmp_path_factory, monkeypatch)


@pytest.fixture(scope="session")
def firmware():
    """The host's PC BIOS and VGA BIOS; skips without them."""
    from engine.errors import FirmwareMissingError
    from engine.firmware import find_firmware

    try:
        return find_firmware()
    except FirmwareMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def guest_images():
    return GuestImages(guests_folder(), guest_builder())


@pytest.fixture
def guests(guest_images, firmware):
    """Function that returns the path of a real guest, ``guests("linux-amd64.iso")``, or skips."""

    def path(name: str) -> Path:
        try:
            return guest_images.path(name)
        except GuestUnavailableError as error:
            pytest.skip(str(error))

    return path


def use_virtual_screen(monkeypatch):
    """Have children of this process show windows on the virtual screen; skip where there is none."""
    display = os.environ.get("VITRINE_TEST_SCREEN")
    if not display:
        pytest.skip("no virtual screen: use `make test`, or tools/with-screen.sh pytest ...")
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    return display


@pytest.fixture
def virtual_screen(monkeypatch):
    """Name of the virtual X display; processes that the test starts show their windows there."""
    return use_virtual_screen(monkeypatch)
