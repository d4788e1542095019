"""The serial EEPROM of an 8254x: 64 words with address and identity, read through EECD or EERD.

References: SDM 5.6 (contents) and 13.4.3 (EECD); Microchip 93C46 data sheet (Microwire protocol).
Deviation: the EEPROM is write-protected.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.devices.e1000.state import MicrowireState

WORDS = 64
CHECKSUM_WORD, CHECKSUM_TOTAL = 0x3F, 0xBABA

SUBSYSTEM_ID, SUBSYSTEM_VENDOR, DEVICE_ID, VENDOR_ID = 0x0B, 0x0C, 0x0D, 0x0E
CONTROL_1 = 0x0A
# Signature (15:14 = 01), full duplex, power management, load subsystem and device identities.
CONTROL_1_VALUE = 0x440B

EECD_SK, EECD_CS, EECD_DI, EECD_DO = 1 << 0, 1 << 1, 1 << 2, 1 << 3
EECD_REQ, EECD_GNT, EECD_PRES = 1 << 6, 1 << 7, 1 << 8
_FLASH_WRITES_DISABLED = 1 << 4  # FWE, bits 5:4

_COMMAND_BITS = 9  # start bit, two of operation code, six of address
_READ = 0b110


def image(mac: bytes, vendor: int, device: int, subsystem: int) -> list[int]:
    """Return the words of an EEPROM; their sum is BABAh (SDM 5.6.35).

    Args:
        mac: the six bytes of the address.
        vendor: PCI vendor of the chip and of the board that it is on.
        device: PCI device number.
        subsystem: PCI subsystem number.
    """
    words = [0] * WORDS
    words[0:3] = struct.unpack("<3H", mac)
    words[CONTROL_1] = CONTROL_1_VALUE
    words[SUBSYSTEM_ID], words[SUBSYSTEM_VENDOR] = subsystem, vendor
    words[DEVICE_ID], words[VENDOR_ID] = device, vendor
    words[CHECKSUM_WORD] = (CHECKSUM_TOTAL - sum(words)) & 0xFFFF
    return words


class Eeprom:
    """The EEPROM and the four pins on which software talks to it."""

    def __init__(self, words: list[int]) -> None:
        self.words = words

    def read_pins(self, state: MicrowireState) -> int:
        """Return EECD; access is granted as soon as it is asked for."""
        value = state.pins | EECD_PRES | _FLASH_WRITES_DISABLED
        if state.data_out:
            value |= EECD_DO
        if state.request:
            value |= EECD_REQ | EECD_GNT
        return value

    def write_pins(self, state: MicrowireState, value: int) -> None:
        """Take EECD: chip select frames a command, the clock's rising edge shifts a bit."""
        rising = value & EECD_SK and not state.pins & EECD_SK
        state.pins = value & (EECD_SK | EECD_CS | EECD_DI)
        state.request = bool(value & EECD_REQ)
        if not value & EECD_CS:
            state.command = state.bits = state.output = state.output_bits = 0
            state.data_out = True  # ready, were it a write
        elif rising:
            self._shift(state, bool(value & EECD_DI))

    def _shift(self, state: MicrowireState, bit: bool) -> None:
        if state.output_bits:
            state.output_bits -= 1
            state.data_out = bool(state.output >> state.output_bits & 1)
            return
        if state.bits >= _COMMAND_BITS or not (state.bits or bit):
            return  # before the start bit, or data of a command that is not obeyed
        state.command = state.command << 1 | bit
        state.bits += 1
        if state.bits == _COMMAND_BITS and state.command >> 6 == _READ:
            state.output, state.output_bits = self.words[state.command & 0x3F], 16
            state.data_out = False  # the dummy bit
