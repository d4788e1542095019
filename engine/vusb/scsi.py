"""What stands behind a mass storage device: one logical unit that carries out SCSI commands.

A unit is asked to go on by whoever moves its data, step by step, so that it never holds more than a
step's worth of them, and what it has still to do stands in its state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from engine.ata.drive import Activity

BLOCK_SIZE: Final = 16
"""Bytes of a command descriptor block, padded with zeros."""
AHEAD: Final = 64 << 10
"""Bytes that a unit sends before the host has fetched them; whole packets of any speed."""


class Exchange(msgspec.Struct, kw_only=True):
    """Data of the command in progress.

    Attributes:
        outgoing: for the host, not yet fetched; a step more than :data:`AHEAD` at most.
        incoming: from the host, not yet taken by the unit.
    """

    outgoing: bytearray = msgspec.field(default_factory=bytearray)
    incoming: bytearray = msgspec.field(default_factory=bytearray)


class LogicalUnit(ABC):
    """A disk or an optical drive.

    Attributes:
        data: what moves between it and the host.
    """

    def __init__(self) -> None:
        self.data = Exchange()

    @property
    @abstractmethod
    def activity(self) -> Activity:
        """Bytes moved since power-on."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether a command is in progress."""

    @property
    @abstractmethod
    def waiting(self) -> bool:
        """Whether it can only go on when its medium has answered."""

    @property
    @abstractmethod
    def failed(self) -> bool:
        """Whether the last command has ended with CHECK CONDITION."""

    @property
    @abstractmethod
    def wanted(self) -> int:
        """Bytes that it still wants from the host."""

    @abstractmethod
    def begin(self, block: bytes) -> None:
        """Take a command descriptor block of :data:`BLOCK_SIZE` bytes."""

    @abstractmethod
    def go_on(self) -> None:
        """Do the next step, if it is not the host's turn or the medium's."""

    @abstractmethod
    def cancel(self) -> None:
        """Give up the command in progress."""
