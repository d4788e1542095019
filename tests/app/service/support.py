"""A service of one's own for each test, and processes that play clients and VMs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.api import ApiError, Client, ErrorCode, connect
from app.api.address import ServicePlace
from app.api.events import Event
from app.service.config import ServiceConfig
from app.service.server import Service

ROOT = Path(__file__).resolve().parents[3]
FAKE_VM = Path(__file__).with_name("fake_vm.py")
FAKE_VM_COMMAND = (sys.executable, str(FAKE_VM))


@contextmanager
def running_service(home: Path, **options: Any) -> Iterator[Service]:
    """A service in threads of this process."""
    allowed_uid = options.pop("allowed_uid", None)
    config = msgspec.structs.replace(
        ServiceConfig(vm_command=FAKE_VM_COMMAND, attach_seconds=20.0, idle_seconds=60.0), **options
    )
    service = Service(home, config, allowed_uid=allowed_uid)
    service.open()
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop("the test is over")
        thread.join(20)
        assert not thread.is_alive()


class Recorder:
    """Collects the events of a client."""

    def __init__(self, client: Client) -> None:
        self.events: list[Event] = []
        client.subscribe(self.events.append)

    def wait_for(self, *wanted: Event, timeout: float = 10.0) -> None:
        wait_until(
            lambda: all(event in self.events for event in wanted),
            timeout,
            lambda: f"{wanted} is not all in {self.events}",
        )


def wait_until(
    condition: Callable[[], Any],
    timeout: float = 10.0,
    explain: Callable[[], object] = lambda: "",
) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.01)


def service_pid(home: Path) -> int:
    """Process of the running service of a directory; 0 when there is none."""
    address = ServicePlace(home).read()
    return address.pid if address is not None else 0


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def failing(code: ErrorCode, match: str) -> Iterator[None]:
    """The block fails with this code and a sentence that matches."""
    with pytest.raises(ApiError, match=match) as error:
        yield
    assert error.value.code is code


def is_our_process(pid: int, home: Path) -> bool:
    """Whether this process was started by a test with this configuration directory."""
    if pid in (0, 1, os.getpid()) or not is_running(pid):
        return False
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"VITRINE_USER_HOME={home}".encode() in environment


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """End one of our own processes and wait until it is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    wait_until(lambda: not is_running(pid), 10)


def run_python(code: str, **options: Any) -> subprocess.Popen[str]:
    """A Python process that can import the product and the test suite."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def client_of(name: str = "test", *, start_service: bool = False) -> Client:
    return connect(client_name=name, start_service=start_service)
