"""Packets of a ``PacketLink`` as the frames that an 8254x receives, all of a packet at once.

Thousands of frames a second, each built, summed up and stored on its own, are most of what a
download costs. Those of a packet differ in a few fields of their headers, so numpy makes them all
in the time of a few. Data are summed up in the order of the processor: the ones' complement sum of
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
    Numbers = npt.NDArray[np.int64]

LONGEST_FRAME: Final = 1514
_SHORTEST_FRAME: Final = 60
_ETHERTYPE, _TYPE_IPV4 = slice(12, 14), b"\x08\0"
_ETHERNET, _WITHOUT_OPTIONS, _PROTOCOL, _TCP = 14, 0x45, 23, 6
_TRANSPORT, _DATA_OFFSET, _TCP_HEADER, _FIN_PSH = 34, 46, 20, 0x09
# Places in headers, in words.
_IP_LENGTH, _IP_ID, _IP_SUM, _SEQUENCE, _FLAGS, _TCP_SUM = 8, 9, 12, 19, 23, 25
_CHANGING: Final = [_IP_LENGTH, _IP_ID, _IP_SUM, _SEQUENCE, _SEQUENCE + 1, _FLAGS, _TCP_SUM]
_IP, _ADDRESSES_AND_TCP = slice(7, 17), slice(13, None)


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
        rows[:-1, end:LONGEST_FRAME] = whole[end:border].reshape(-1, self.mss)
        rows[-1, end:last] = whole[border:]
        self._rows = rows
        sums = rows[:, end:LONGEST_FRAME].view("<u2").sum(axis=1, dtype=np.uint32)
        self._data_sums = _swapped(_folded(sums.astype(np.int64)))
        self._heads = self._headers(packet, last)
        rows[:, :end] = self._heads.astype(">u2").view(np.uint8)
        if checked:
            self._add_check_sequences()

    def _headers(self, packet: bytes, last: int) -> Numbers:
        """Return the words of each frame's header."""
        words = np.frombuffer(packet, ">u2", self.header // 2).astype(np.int64)
        flags, number = words[_FLAGS], np.arange(len(self.lengths))
        lengths = np.full(len(number), LONGEST_FRAME)
        lengths[-1] = last
        identification = words[_IP_ID] + number & 0xFFFF
        first = words[_SEQUENCE] << 16 | words[_SEQUENCE + 1]
        sequence = first + self.mss * number & 0xFFFFFFFF
        words[_CHANGING] = 0
        heads = np.empty((len(number), len(words)), np.int64)
        heads[:] = words
        heads[:, _IP_LENGTH] = lengths - _ETHERNET
        heads[:, _IP_ID] = identification
        heads[:, _SEQUENCE], heads[:, _SEQUENCE + 1] = sequence >> 16, sequence & 0xFFFF
        heads[:, _FLAGS] = flags & ~_FIN_PSH
        heads[-1, _FLAGS] = flags
        ip = heads[:, _IP].sum(axis=1)
        heads[:, _IP_SUM] = 0xFFFF - _folded(ip)
        tcp = heads[:, _ADDRESSES_AND_TCP].sum(axis=1) + self._data_sums
        heads[:, _TCP_SUM] = 0xFFFF - _folded(tcp + _TCP + lengths - _TRANSPORT)
        return heads

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
        return _folded(self._heads[:, start // 2 :].sum(axis=1) + self._data_sums) % 0xFFFF

    @property
    def data(self) -> memoryview:
        """All frames one behind the other."""
        return self._rows.reshape(-1).data[: sum(self.lengths)]

    def __iter__(self) -> Iterator[bytes]:
        for row, length in zip(self._rows, self.lengths, strict=True):
            yield row[:length].tobytes()


def _folded(sums: Numbers) -> Numbers:
    sums = (sums & 0xFFFF) + (sums >> 16)
    return (sums & 0xFFFF) + (sums >> 16)


def _swapped(words: Numbers) -> Numbers:
    return (words & 0xFF) << 8 | words >> 8
