"""Statistics registers of an 8254x (SDM 13.7): they count up to their end and clear when read."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final, NamedTuple

CRCERRS, MPC, RLEC = 0x4000, 0x4010, 0x4040
PRC64: Final = 0x405C  # six registers by size of the frame
GPRC, BPRC, MPRC, GPTC = 0x4074, 0x4078, 0x407C, 0x4080
GORC, GOTC = 0x4088, 0x4090  # low halves
RNBC, RUC, ROC = 0x40A0, 0x40A4, 0x40AC
TOR, TOT, TPR, TPT = 0x40C0, 0x40C8, 0x40D0, 0x40D4
PTC64: Final = 0x40D8
MPTC, BPTC, TSCTC, TSCTFC = 0x40F0, 0x40F4, 0x40F8, 0x40FC

WIDE: Final = frozenset({GORC, GOTC, TOR, TOT})
_SIZES: Final = (64, 127, 255, 511, 1023)
_END, _WIDE_END = (1 << 32) - 1, (1 << 64) - 1
FCS: Final = 4  # bytes of the checksum at the end of a frame, which the octet counters include
BROADCAST: Final = b"\xff" * 6


def add(counters: dict[int, int], register: int, amount: int = 1) -> None:
    """Count; a counter stays at its end."""
    end = _WIDE_END if register in WIDE else _END
    counters[register] = min(counters.get(register, 0) + amount, end)


def read(counters: dict[int, int], register: int) -> int:
    """Return a register and clear it; reading the high half clears a wide one."""
    if register - 4 in WIDE:
        return counters.pop(register - 4, 0) >> 32
    if register in WIDE:
        return counters.get(register, 0) & _END
    return counters.pop(register, 0)


class Group(NamedTuple):
    """The registers of a direction: sizes, frames, octets, and who they were for."""

    sizes: int
    frames: tuple[int, int]
    octets: tuple[int, int]
    broadcast: int
    multicast: int


RECEIVED: Final = Group(PRC64, (GPRC, TPR), (GORC, TOR), BPRC, MPRC)
TRANSMITTED: Final = Group(PTC64, (GPTC, TPT), (GOTC, TOT), BPTC, MPTC)


def count(counters: dict[int, int], group: Group, frame: bytes) -> None:
    """Count a frame that has been sent, or has passed the filters."""
    _count(counters, group, frame, len(frame), 1)


def count_segments(
    counters: dict[int, int], group: Group, packet: bytes, header: int, mss: int
) -> None:
    """Count the frames that a packet is cut into."""
    whole, rest = divmod(len(packet) - header, mss)
    _count(counters, group, packet, header + mss, whole)
    if rest:
        _count(counters, group, packet, header + rest, 1)


def _count(
    counters: dict[int, int], group: Group, frame: bytes, length: int, times: int
) -> None:
    octets = length + FCS
    add(counters, group.sizes + 4 * bisect_left(_SIZES, octets), times)
    for register in group.frames:
        add(counters, register, times)
    for register in group.octets:
        add(counters, register, octets * times)
    if frame[0] & 1:
        add(counters, group.broadcast if frame[:6] == BROADCAST else group.multicast, times)

