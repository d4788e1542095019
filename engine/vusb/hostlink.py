"""What a device of the host must do for the guest; ``engine.hostio.hostusb`` has it do so."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.vusb.descriptors import Speed


class Outcome(Enum):
    """How something has ended that the device was asked for."""

    DONE = "done"
    STALLED = "stalled"  # the endpoint is halted, or the request is not known
    FAILED = "failed"  # it was not carried out
    GONE = "gone"  # the device has been pulled out


class Completion(NamedTuple):
    """An end, and the data that the device has sent.

    Attributes:
        packets: of an isochronous transfer, one of each interval; empty where none has come.
    """

    outcome: Outcome
    data: bytes = b""
    packets: tuple[bytes, ...] = ()


class Pipe(NamedTuple):
    """An endpoint.

    Attributes:
        kind: of its transfers.
        max_packet: bytes.
        burst: packets in an interval.
        interval: bInterval.
    """

    kind: int
    max_packet: int
    burst: int = 1
    interval: int = 1


class HostUsbLink(Protocol):
    """A device of the host that belongs to the guest; EMT only.

    Nothing here blocks. What was asked for is carried out in order, apart from transfers of
    different endpoints, and ``done`` is called later, on the EMT.

    Attributes:
        name: in the device's words.
        speed: how fast it signals.
    """

    name: str
    speed: Speed

    def pipes(self) -> Mapping[int, Pipe]:
        """Return the endpoints of the settings that are chosen, by address."""

    def control(self, setup: bytes, data: bytes, done: Callable[[Completion], None]) -> None:
        """Carry out a control transfer with the data that go out."""

    def send(self, address: int, data: bytes, done: Callable[[Completion], None]) -> None:
        """Send to an endpoint."""

    def receive(self, address: int, size: int, done: Callable[[Completion], None]) -> None:
        """Receive ``size`` bytes from an endpoint, or fewer."""

    def stream_out(
        self, address: int, packets: Sequence[bytes], done: Callable[[Completion], None]
    ) -> None:
        """Send packets to an isochronous endpoint, one in each of its intervals."""

    def stream_in(
        self, address: int, count: int, size: int, done: Callable[[Completion], None]
    ) -> None:
        """Receive ``count`` packets of ``size`` bytes or fewer from an isochronous endpoint."""

    def configure(self, value: int, done: Callable[[Completion], None]) -> None:
        """Choose a configuration; 0 for none."""

    def select(self, interface: int, setting: int, done: Callable[[Completion], None]) -> None:
        """Choose the setting of an interface."""

    def clear_halt(self, address: int, done: Callable[[Completion], None]) -> None:
        """Have a stalled endpoint go on."""

    def reset(self, done: Callable[[Completion], None]) -> None:
        """Reset the device's port."""

    def cancel(self) -> None:
        """Give up all transfers that are under way; they end soon, as failed."""
