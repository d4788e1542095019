"""The transceiver inside an Am79C973, as its management interface (BCR32 to BCR34) shows it.

References: IEEE 802.3 clause 22; data sheet 21510, "10/100 PHY Management Registers". Deviation:
the partner is a switch, and the link is 100 Mbit/s, full duplex, whatever is advertised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.pdm import mii

if TYPE_CHECKING:
    from engine.pdm.mii import TransceiverState

ADDRESS: Final = 0x1E
NOBODY: Final = 0xFFFF
"""What the interface reads where there is no transceiver."""

CONTROL, STATUS, ID1, ID2, ADVERTISED, PARTNER, EXPANSION = range(7)

CONTROL_RESET, CONTROL_POWER_DOWN, CONTROL_RESTART = 1 << 15, 1 << 11, 1 << 9
_SELF_CLEARING: Final = CONTROL_RESET | CONTROL_RESTART
_STATUS_CAPABILITIES: Final = 0x7809  # 10 and 100 Mbit/s, negotiation, extended registers
_PARTNER_SWITCH: Final = 0x41E1  # acknowledged; 10 and 100 Mbit/s, half and full duplex
_DEFAULTS: Final = {CONTROL: 0x3100, ADVERTISED: 0x01E1}
_IDENTITY: Final = {ID1: 0x0000, ID2: 0x6B60}
_READ_ONLY: Final = frozenset({STATUS, ID1, ID2, PARTNER, EXPANSION})


def read(state: TransceiverState, register: int) -> int:
    """Return a register 0..31."""
    if register == STATUS:
        return mii.read_status(state, _STATUS_CAPABILITIES)
    if register in _IDENTITY:
        return _IDENTITY[register]
    if register in (PARTNER, EXPANSION):
        up = _PARTNER_SWITCH if register == PARTNER else 0x0001
        return up if state.link else 0
    return state.registers.get(register, _DEFAULTS.get(register, 0))


def write(state: TransceiverState, register: int, value: int) -> None:
    """Write a register 0..31."""
    if register in _READ_ONLY:
        return
    if register == CONTROL:
        if value & CONTROL_RESET:
            state.registers = {}
            return
        value &= ~_SELF_CLEARING
    state.registers[register] = value


def powered(state: TransceiverState) -> bool:
    """Tell whether software has not switched the transceiver off."""
    return not read(state, CONTROL) & CONTROL_POWER_DOWN
