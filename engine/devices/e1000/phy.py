"""The PHY of an 8254x: Marvell's M88E1000 family, and the link that it negotiates.

References: IEEE 802.3 clause 22 (registers 0 to 15) and 40.5 (1000BASE-T); SDM 13.4.8 and
chapter 8; Marvell 88E1000 data sheet (registers 16 to 21). Deviation: whatever is advertised, the
partner is a gigabit switch and the link is 1000 Mbit/s, full duplex.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.pdm import mii

if TYPE_CHECKING:
    from engine.devices.e1000.state import MdioState, PhyState

ADDRESS = 1  # of the internal PHY on the management interface
NEGOTIATION_NS = 50_000_000

CONTROL, STATUS, ID1, ID2, ADVERTISED, PARTNER, EXPANSION = range(7)
GIGABIT_CONTROL, GIGABIT_STATUS, EXTENDED_STATUS = 9, 10, 15
SPECIFIC_CONTROL, SPECIFIC_STATUS, INTERRUPT_STATUS, EXTENDED_CONTROL = 16, 17, 19, 20

CONTROL_RESET, CONTROL_LOOPBACK = 1 << 15, 1 << 14
CONTROL_POWER_DOWN, CONTROL_RESTART = 1 << 11, 1 << 9
CONTROL_SELF_CLEARING = CONTROL_RESET | CONTROL_RESTART

STATUS_CAPABILITIES = 0x7949  # 10 and 100 Mbit/s, extended status and registers, negotiation

_PARTNER_GIGABIT = 0xCDE1  # acknowledged; pause; 10 and 100 Mbit/s; next page
_GIGABIT_UP = 0x3C00  # receivers work; the partner does 1000BASE-T
_SPECIFIC_UP = 0xAC00  # 1000 Mbit/s, full duplex, resolved, link

_DEFAULTS = {
    CONTROL: 0x1140,  # negotiation enabled, 1000 Mbit/s, full duplex
    ADVERTISED: 0x01E1,
    GIGABIT_CONTROL: 0x0300,
    SPECIFIC_CONTROL: 0x0068,
    EXTENDED_CONTROL: 0x0D60,
}
_READ_ONLY = frozenset(
    {STATUS, ID1, ID2, PARTNER, EXPANSION, GIGABIT_STATUS, EXTENDED_STATUS, SPECIFIC_STATUS,
     INTERRUPT_STATUS}
)  # fmt: skip

# Frames of the management interface (IEEE 802.3, 22.2.4.5).
_HEADER_BITS, _FRAME_BITS = 14, 32
_START, _OP_READ, _OP_WRITE = 0b01, 0b10, 0b01


class Phy:
    """Registers of the PHY. Whoever writes looks at ``restart`` afterwards.

    Args:
        identity: registers 2 and 3, the latter in the low word.

    Attributes:
        restart: the guest has asked for a new negotiation.
    """

    def __init__(self, identity: int) -> None:
        self._identity = identity
        self.restart = False

    def reset(self, state: PhyState) -> None:
        """Set the registers to their defaults."""
        state.registers = {}
        state.link, state.lost = False, True

    def control(self, state: PhyState) -> int:
        """Return the control register."""
        return state.registers.get(CONTROL, _DEFAULTS[CONTROL])

    def read(self, state: PhyState, register: int) -> int:
        """Return a register 0..31."""
        if register == STATUS:
            return mii.read_status(state, STATUS_CAPABILITIES)
        fixed = {
            ID1: self._identity >> 16,
            ID2: self._identity & 0xFFFF,
            PARTNER: _PARTNER_GIGABIT if state.link else 0,
            EXPANSION: 0x0003 if state.link else 0,
            GIGABIT_STATUS: _GIGABIT_UP if state.link else 0,
            EXTENDED_STATUS: 0x3000,
            SPECIFIC_STATUS: _SPECIFIC_UP if state.link else 0,
            INTERRUPT_STATUS: 0,
        }
        if register in fixed:
            return fixed[register]
        return state.registers.get(register, _DEFAULTS.get(register, 0))

    def write(self, state: PhyState, register: int, value: int) -> None:
        """Write a register 0..31."""
        if register in _READ_ONLY:
            return
        if register == CONTROL:
            if value & CONTROL_RESET:
                self.reset(state)
            changed = (value ^ self.control(state)) & (CONTROL_POWER_DOWN | CONTROL_LOOPBACK)
            self.restart |= bool(value & CONTROL_SELF_CLEARING or changed)
            value &= ~CONTROL_SELF_CLEARING
        state.registers[register] = value

    # -- the serial interface of the 82543, whose driver moves each bit

    def clock(self, state: PhyState, bit: bool) -> None:
        """Take a rising edge of MDC with a level of MDIO."""
        mdio = state.mdio
        if mdio.output_bits:
            mdio.output_bits -= 1
            mdio.pin = bool(mdio.output >> mdio.output_bits & 1)
            return
        mdio.pin = True
        if mdio.bits == 0 and bit:
            return  # preamble
        mdio.frame = mdio.frame << 1 | bit
        mdio.bits += 1
        if mdio.bits == 2 and mdio.frame != _START:
            mdio.frame = mdio.bits = 0
        elif mdio.bits == _HEADER_BITS and mdio.frame >> 10 & 3 == _OP_READ:
            self._answer(state, mdio)
        elif mdio.bits == _FRAME_BITS:
            frame = mdio.frame
            mdio.frame = mdio.bits = 0
            if frame >> 28 & 3 == _OP_WRITE and frame >> 23 & 31 == ADDRESS:
                self.write(state, frame >> 18 & 31, frame & 0xFFFF)

    def _answer(self, state: PhyState, mdio: MdioState) -> None:
        """Prepare the second turnaround bit, which is 0, and the data."""
        there = mdio.frame >> 5 & 31 == ADDRESS
        mdio.output = self.read(state, mdio.frame & 31) if there else 0x1FFFF
        mdio.output_bits = 17
        mdio.frame = mdio.bits = 0
