"""Packets of a ``PacketLink`` as the frames that an 8254x receives, all of a packet at once.

Thousands of frames a second, each built, summed up and stored on its own, are most of what a
download costs. Those of a packet differ in a few fields of their headers, so numpy makes them all
in the time of a few. Sums are kept as the processor adds words up: the ones' complement sum of
swapped words is the swapped sum (RFC 1071, 2).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.devices.e1000.statistics import FCS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Numbers = npt.NDArray[np.integer]

LONGEST_FRAME: Final = 1514
_SHORTEST_FRAME: Final = 60
_ETHERTYPE, _TYPE_IPV4 = slice(12, 14), b"\x08\0"
_ETHERNET, _WITHOUT_OPTIONS, _TCP = 14, 0x45, 6
_IP_LENGTH, _IP_ID, _PROTOCOL, _IP_SUM, _ADDRESSES, _TRANSPORT = 16, 18, 23, 24, 26, 34
_SEQUENCE, _DATA_OFFSET, _FLAGS, _TCP_SUM = 38, 46, 47, 50
_TCP_HEADER, _FIN_PSH = 20, 0x09


def is_packet(frame: bytes) -> bool:
    """Tell whether a frame is to be cut: TCP over IPv4 without options, too long for a cable."""
    if len(frame) <= LONGEST_FRAME or frame[_ETHERTYPE] != _TYPE_IPV4:
        return False
    if frame[_ETHERNET] != _WITHOUT_OPTIONS or frame[_PROTOCOL] != _TCP:
        return False
    header = (frame[_DATA_OFFSET] >> 4) * 4
    return header >= _TCP_HEADER and _TRANSPORT + header < len(frame)


def header_size(packet: bytes) -> int:
    """Return the bytes in front of the data of what :func:`is_packet`."""
    return _TRANSPORT + (packet[_DATA_OFFSET] >> 4) * 4


def frame_count(packet: bytes) -> int:
    """Return into how many frames a packet is to be cut."""
    header = header_size(packet)
    return -(-(len(packet) - header) // (LONGEST_FRAME - header))


class Frames:
    """The frames of what :func:`is_packet`, with right checksums.

    Args:
        packet: to be cut.
        checked: each has its frame check sequence behind it.

    Attributes:
        header: bytes in front of the data of each. mss: data of all but the last.
        lengths: bytes of each, with its frame check sequence.
    """

    def __init__(self, packet: bytes, *, checked: bool) -> None:
        self.header = end = header_size(packet)
        self.mss = LONGEST_FRAME - end
        count = frame_count(packet)
        border = end + (count - 1) * self.mss
        last = end + len(packet) - border
        extra = FCS if checked else 0
        self.lengths = [LONGEST_FRAME + extra] * count
        self.lengths[-1] = max(last, _SHORTEST_FRAME) + extra
        rows = np.zeros((count, LONGEST_FRAME + extra), np.uint8)
        whole = np.frombuffer(packet, np.uint8)
        rows[:, :end] = whole[:end]
        rows[:-1, end:LONGEST_FRAME] = whole[end:border].reshape(-1, self.mss)
        rows[-1, end:last] = whole[border:]
        self._rows = rows
        data = rows[:, end:LONGEST_FRAME]
        self._data_sums = data.view("<u2").sum(axis=1, dtype=np.uint32)
        self._complete_headers(packet, last)
        if checked:
            self._add_check_sequences()

    def _complete_headers(self, packet: bytes, last: int) -> None:
        rows, count = self._rows, len(self.lengths)
        number = np.arange(count, dtype=np.uint32)
        lengths = np.full(count, LONGEST_FRAME, np.uint32)
        lengths[-1] = last
        _put(rows, _IP_LENGTH, lengths - _ETHERNET, ">u2")
        first = int.from_bytes(packet[_IP_ID : _IP_ID + 2])
        _put(rows, _IP_ID, first + number, ">u2")
        sequence = int.from_bytes(packet[_SEQUENCE : _SEQUENCE + 4])
        _put(rows, _SEQUENCE, sequence + self.mss * number.astype(np.uint64), ">u4")
        rows[:-1, _FLAGS] &= ~_FIN_PSH & 0xFF
        _put(rows, _IP_SUM, np.zeros_like(number), "<u2")
        _put(rows, _IP_SUM, _complement(_sum(rows[:, _ETHERNET:_TRANSPORT])), "<u2")
        _put(rows, _TCP_SUM, np.zeros_like(number), "<u2")
        pseudo = _sum(rows[:, _ADDRESSES:_TRANSPORT]) + _swapped(lengths - _TRANSPORT + _TCP)
        header = _sum(rows[:, _TRANSPORT : self.header])
        _put(rows, _TCP_SUM, _complement(pseudo + header + self._data_sums), "<u2")

    def _add_check_sequences(self) -> None:
        """Append CRCs (IEEE 802.3, 3.2.9)."""
        flat, width = self._rows.reshape(-1).data, self._rows.shape[1]
        for n, length in enumerate(self.lengths):
            start, end = n * width, n * width + length - FCS
            flat[end : end + FCS] = zlib.crc32(flat[start:end]).to_bytes(FCS, "little")

    def sums(self, start: int) -> Numbers:
        """Return the ones' complement sum of each frame from an even place in its header on.

        Frame check sequences are left out; 0..FFFEh.
        """
        folded = _folded(_sum(self._rows[:, start : self.header]) + self._data_sums)
        return _swapped(folded) % 0xFFFF

    @property
    def data(self) -> memoryview:
        """All frames one behind the other."""
        return self._rows.reshape(-1).data[: sum(self.lengths)]

    def __iter__(self) -> Iterator[bytes]:
        for row, length in zip(self._rows, self.lengths, strict=True):
            yield row[:length].tobytes()


def _put(rows: Bytes, place: int, values: Numbers, kind: str) -> None:
    data = values.astype(kind).view(np.uint8).reshape(len(rows), -1)
    rows[:, place : place + data.shape[1]] = data


def _sum(columns: Bytes) -> Numbers:
    sums: Numbers = columns.copy().view("<u2").sum(axis=1, dtype=np.uint32)
    return sums


def _folded(sums: Numbers) -> Numbers:
    sums = (sums & 0xFFFF) + (sums >> 16)
    return (sums & 0xFFFF) + (sums >> 16)


def _complement(sums: Numbers) -> Numbers:
    return 0xFFFF - _folded(sums)


def _swapped(words: Numbers) -> Numbers:
    return (words & 0xFF) << 8 | words >> 8
