from pathlib import Path

import pytest

from app.service.server import Service
from tests.app.cli.shell import Shell
from tests.app.service.fixtures import client, hasty, home, make_machine, service, vm_processes

__all__ = ["client", "hasty", "home", "make_machine", "service", "shell", "vm_processes"]


@pytest.fixture
def shell(
    service: Service, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Shell:
    """A terminal whose commands reach the service of this test."""
    return Shell(capsys, tmp_path)
