"""PCI sound cards with streams: what they have in common with regard to resets and saved states."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from engine.pdm.device import Connector, DeviceConfig, DeviceState, timer
from engine.pdm.interfaces import AudioHost, ResetKind
from engine.pdm.pci import PciDevice

if TYPE_CHECKING:
    from collections.abc import Sequence


class StreamsState(DeviceState, kw_only=True):
    """State of a card; cards say what their streams' state is.

    Attributes:
        streams: one for each stream.
    """

    streams: list[Any] = msgspec.field(default_factory=list)


class CardStream(Protocol):
    """A stream of a card, which may put a new state in the place of its own."""

    state: Any


ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=StreamsState)


class StreamingCard(PciDevice[ConfigT, StateT]):
    """Base of the cards.

    Attributes:
        streams: made by ``setup``, which calls :meth:`bind_streams` then.
    """

    host = Connector(0, AudioHost)
    streams: Sequence[CardStream]

    @timer
    def look(self) -> None:
        """A stream may have ended a buffer."""
        self.settle()

    @abstractmethod
    def settle(self) -> None:
        """Move what is due, tell the guest, and see to it that the next look is in time."""

    def bind_streams(self) -> None:
        """Give the streams their part of the card's state."""
        for stream, state in zip(self.streams, self.state.streams, strict=True):
            stream.state = state

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self.look.cancel()
        self.bind_streams()

    def state_to_save(self) -> StateT:
        """Return the state with that of the streams, some of which have replaced theirs."""
        self.state.streams = [stream.state for stream in self.streams]
        return self.state

    def state_loaded(self, version: int) -> None:
        """Go on playing."""
        del version
        self.bind_streams()
        self.settle()
