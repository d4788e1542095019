"""The doorbell: a register through which whole messages go before there are queues.

Reference: MPI 1.2, "System Doorbell" and "Handshake".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.devices.lsilogic import registers as r
from engine.devices.lsilogic.state import HandshakeState

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.devices.lsilogic.state import LsiState


def read(state: LsiState) -> int:
    """Return the register; in the reply phase each read brings the next word of the reply."""
    handshake = state.handshake
    value = state.ioc_state | state.who_init << r.WHO_INIT_SHIFT
    if handshake.phase == "request":
        value |= r.DOORBELL_ACTIVE
    elif handshake.phase == "reply":
        place = 2 * handshake.position
        word = int.from_bytes(handshake.message[place : place + 2], "little")
        value = value & ~0xFFFF | r.DOORBELL_ACTIVE | word
        handshake.position = min(handshake.position + 1, len(handshake.message) // 2)
    return value


def begin(state: LsiState, value: int) -> None:
    """The driver wants to send a message of so many dwords."""
    state.handshake = HandshakeState(phase="request", expected=value >> 16 & 0xFF)
    state.interrupt_status |= r.DOORBELL_INTERRUPT


def take(state: LsiState, value: int, execute: Callable[[bytes], bytes]) -> None:
    """Take a dword of a message; the last one has it carried out."""
    handshake = state.handshake
    handshake.message += value.to_bytes(4, "little")
    if len(handshake.message) >= 4 * handshake.expected:
        answer = execute(handshake.message)
        state.handshake = HandshakeState(phase="reply", message=answer)
        state.interrupt_status |= r.DOORBELL_INTERRUPT


def acknowledge(state: LsiState) -> None:
    """INTERRUPT_STATUS has been written.

    The reply can be read without a pause, so that its interrupt stays until all has been read.
    """
    handshake = state.handshake
    if handshake.phase != "reply":
        state.interrupt_status &= ~r.DOORBELL_INTERRUPT
    elif 2 * handshake.position >= len(handshake.message):
        state.handshake = HandshakeState()
