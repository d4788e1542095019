"""A machine that runs the probe, for all tests of a module."""

from __future__ import annotations

import pytest

from tests.engine.probe.guest import Probe, write_floppy
from tests.guests.machine import GuestMachine


class MachineWire:
    """COM1 of a machine in this process."""

    def __init__(self, machine: GuestMachine) -> None:
        self._machine = machine

    @property
    def data(self) -> bytearray:
        return self._machine.sent

    def send(self, data: bytes) -> None:
        self._machine.send_bytes(data)


@pytest.fixture(scope="module")
def machine(firmware, tmp_path_factory):
    floppy = write_floppy(tmp_path_factory.mktemp("probe") / "probe.img")
    with GuestMachine(floppy=floppy, memory_mb=16, boot_order="a") as machine:
        yield machine


@pytest.fixture(scope="module")
def probe(machine):
    probe = Probe(MachineWire(machine))
    probe.wait_ready()
    return probe
