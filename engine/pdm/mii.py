"""What the transceivers of network adapters have in common (IEEE 802.3, clause 22)."""

from __future__ import annotations

import msgspec

from engine.pdm.device import DeviceState

STATUS_LINK, STATUS_NEGOTIATED = 1 << 2, 1 << 5


class TransceiverState(DeviceState):
    """The part of a transceiver that a saved state holds.

    Attributes:
        registers: those that hold what was written.
        link: the link is up. lost: it has been down since the status register was last read.
        negotiated_at: virtual time (ns) at which the negotiation ends, or None.
    """

    registers: dict[int, int] = msgspec.field(default_factory=dict)
    link: bool = False
    lost: bool = True
    negotiated_at: int | None = None


def read_status(state: TransceiverState, capabilities: int) -> int:
    """Return the status register, whose reading ends what it says of a lost link."""
    value = capabilities
    if state.link:
        value |= STATUS_NEGOTIATED
        # A link that was lost is told once, even when it is back (22.2.4.2.13).
        value |= 0 if state.lost else STATUS_LINK
    state.lost = not state.link
    return value
