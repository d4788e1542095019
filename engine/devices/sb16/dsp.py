"""Commands of the digital sound processor 4.05.

Reference: Sound Blaster Series Hardware Programming Guide (Creative, 1996), chapters 3 and 6.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = b"\x04\x05"
COPYRIGHT: Final = b"COPYRIGHT (C) CREATIVE TECHNOLOGY LTD, 1992.\0"
READY: Final = 0xAA

DIRECT_OUT, DIRECT_IN, TIME_CONSTANT, OUTPUT_RATE, INPUT_RATE = 0x10, 0x20, 0x40, 0x41, 0x42
BLOCK_SIZE, SILENCE, MIDI_OUT = 0x48, 0x80, 0x38
CONTINUE_AUTO_16, CONTINUE_AUTO_8 = 0x47, 0x45
PAUSE_8, SPEAKER_ON, SPEAKER_OFF, CONTINUE_8, PAUSE_16, CONTINUE_16 = (
    0xD0, 0xD1, 0xD3, 0xD4, 0xD5, 0xD6,
)  # fmt: skip
SPEAKER_STATUS, EXIT_AUTO_16, EXIT_AUTO_8 = 0xD8, 0xD9, 0xDA
IDENTIFY, GET_VERSION, GET_COPYRIGHT, WRITE_TEST, READ_TEST = 0xE0, 0xE1, 0xE3, 0xE4, 0xE8
RAISE_8, RAISE_16, UNDOCUMENTED_F8 = 0xF2, 0xF3, 0xF8

# Commands of earlier cards: (records, block follows in the command, auto-initialised).
BLOCK_8: Final = {
    0x14: (False, True, False), 0x15: (False, True, False), 0x91: (False, False, False),
    0x1C: (False, False, True), 0x90: (False, False, True),
    0x24: (True, True, False), 0x99: (True, False, False),
    0x2C: (True, False, True), 0x98: (True, False, True),
}  # fmt: skip
ADPCM: Final = {0x16: 4, 0x17: 4, 0x74: 2, 0x75: 2, 0x76: 3, 0x77: 3}
"""Samples in a byte."""

# Commands B0h to CFh, with a mode byte.
GENERIC_16, GENERIC_8 = 0xB0, 0xC0
GENERIC_INPUT, GENERIC_AUTO = 0x08, 0x04
MODE_SIGNED, MODE_STEREO = 0x10, 0x20

ARGUMENTS: Final = {
    DIRECT_OUT: 1, TIME_CONSTANT: 1, OUTPUT_RATE: 2, INPUT_RATE: 2, BLOCK_SIZE: 2, SILENCE: 2,
    0x14: 2, 0x15: 2, 0x24: 2, **dict.fromkeys(ADPCM, 2), MIDI_OUT: 1, 0x0E: 2, 0x0F: 1,
    0x04: 1, 0x05: 1, IDENTIFY: 1, 0xE2: 1, WRITE_TEST: 1, 0xF9: 1,
    **dict.fromkeys(range(GENERIC_16, GENERIC_8 + 0x10), 3),
}  # fmt: skip
"""Bytes that follow a command; none for those that are not listed."""
