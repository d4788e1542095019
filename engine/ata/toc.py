"""Table of contents of a disc with one data track.

Reference: MMC-5 (T10/1675D), 6.26 (READ TOC/PMA/ATIP), 6.22 and 6.27 (disc and track information).
"""

from __future__ import annotations

import struct
from typing import Final

LEAD_IN: Final = 150  # sectors before LBA 0: two seconds
FRAMES, SECONDS = 75, 60
DATA_TRACK: Final = 0x14  # ADR 1: position; control 4: data
LEAD_OUT: Final = 0xAA


def msf(lba: int) -> tuple[int, int, int]:
    """Return minute, second and frame of a sector."""
    seconds, frame = divmod(lba + LEAD_IN, FRAMES)
    minute, second = divmod(seconds, SECONDS)
    return min(minute, 0xFF), second, frame


def _address(lba: int, *, as_msf: bool) -> bytes:
    return bytes((0, *msf(lba))) if as_msf else struct.pack(">I", lba)


def read_toc(blocks: int, kind: int, start: int, *, msf: bool) -> bytes | None:
    """Return the reply to READ TOC, or None for what a drive refuses.

    Args:
        blocks: sectors on the disc.
        kind: 0 tracks, 1 sessions, 2 everything in the lead-in.
        start: first track (or session) wanted.
        msf: addresses as minute, second, frame.
    """
    if kind == 0:
        return _tracks(blocks, start, as_msf=msf)
    if kind == 1:
        body = bytes([1, 1, 0, DATA_TRACK, 1, 0]) + _address(0, as_msf=msf)
    elif kind == 2:
        body = _full(blocks)
    else:
        return None
    return struct.pack(">H", len(body)) + body


def _tracks(blocks: int, start: int, *, as_msf: bool) -> bytes | None:
    if 1 < start != LEAD_OUT:
        return None
    body = bytes([1, 1])
    if start <= 1:
        body += bytes([0, DATA_TRACK, 1, 0]) + _address(0, as_msf=as_msf)
    body += bytes([0, DATA_TRACK, LEAD_OUT, 0]) + _address(blocks, as_msf=as_msf)
    return struct.pack(">H", len(body)) + body


def _full(blocks: int) -> bytes:
    # Session, ADR and control, TNO, point, running time, zero, what the point means.
    points = (
        (0xA0, (1, 0, 0)),  # first track; disc type: CD-ROM
        (0xA1, (1, 0, 0)),  # last track
        (0xA2, msf(blocks)),  # lead-out
        (0x01, msf(0)),
    )
    return bytes([1, 1]) + b"".join(
        bytes([1, DATA_TRACK, 0, point, 0, 0, 0, 0, *value]) for point, value in points
    )


def disc_information() -> bytes:
    """Return the standard disc information: complete, one session, one track."""
    return struct.pack(">HBBBBBB", 32, 0x0E, 1, 1, 1, 1, 0x20) + bytes(26)


def track_information(blocks: int) -> bytes:
    """Return the information on the only track: data mode 1 from sector 0."""
    return struct.pack(
        ">HBBBBBBIIIIIIBBH", 34, 1, 1, 0, 4, 1, 0, 0, 0, 0, 0, blocks, 0, 0, 0, 0
    )  # fmt: skip
