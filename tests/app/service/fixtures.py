"""Fixtures shared by the tests of the API and of the service."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.api import Client, MachineInfo
from app.service.records import SessionRecords
from app.service.server import Service
from tests.app.service.support import (
    FAKE_VM_COMMAND,
    client_of,
    is_our_process,
    kill,
    running_service,
    service_pid,
)
from tests.app.settings.plain import plain_settings

MakeMachine = Callable[..., MachineInfo]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A configuration directory; a service that is left over in the end is ended."""
    folder = tmp_path / "config"
    folder.mkdir()
    runtime = Path(tempfile.mkdtemp(prefix="vt-"))
    monkeypatch.setenv("VITRINE_USER_HOME", str(folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("VITRINE_SVC_IDLE", "30")
    monkeypatch.setenv("VITRINE_SVC_ATTACH", "20")
    monkeypatch.setenv("VITRINE_SVC_VM_COMMAND", shlex.join(FAKE_VM_COMMAND))
    yield folder
    pid = service_pid(folder)
    if is_our_process(pid, folder):
        kill(pid)
    shutil.rmtree(runtime)


@pytest.fixture
def hasty(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services leave 0.3 s after their last client."""
    monkeypatch.setenv("VITRINE_SVC_IDLE", "0.3")


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    """A service in this process."""
    with running_service(home) as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    """A client of the service in this process."""
    with client_of() as connected:
        yield connected


@pytest.fixture
def make_machine(tmp_path: Path) -> MakeMachine:
    """Registers a machine; ``orders`` are for the fake VM process."""

    def make(client: Client, name: str = "guest", orders: str = "") -> MachineInfo:
        settings = plain_settings(name)
        settings.description = orders
        return client.virtualbox.create_machine(name, "Other", str(tmp_path / "vms"), settings)

    return make


@pytest.fixture
def vm_processes(home: Path) -> Iterator[None]:
    """Ends VM processes that a test leaves running."""
    yield
    for record in SessionRecords(home).read_all():
        if is_our_process(record.pid, home):
            kill(record.pid)
