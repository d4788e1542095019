"""Statistics registers of an 8254x (SDM 13.7): they count up to their end and clear when read."""

from __future__ import annotations

from typing import Final

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


def count_received(counters: dict[int, int], frame: bytes) -> None:
    """Count a frame that has passed the filters."""
    octets = len(frame) + FCS
    _count(counters, frame, octets, PRC64, (GPRC, TPR), (GORC, TOR), (BPRC, MPRC))


def count_transmitted(counters: dict[int, int], frame: bytes) -> None:
    """Count a frame that has been sent."""
    octets = len(frame) + FCS
    _count(counters, frame, octets, PTC64, (GPTC, TPT), (GOTC, TOT), (BPTC, MPTC))


def count_segments(counters: dict[int, int], packet: bytes, header: int, mss: int) -> None:
    """Count the frames that a packet is cut into when it is sent."""
    whole, rest = divmod(len(packet) - header, mss)
    for length, times in ((mss, whole), (rest, int(rest > 0))):
        octets = header + length + FCS
        _count(
            counters, packet, octets, PTC64, (GPTC, TPT), (GOTC, TOT), (BPTC, MPTC), times
        )


def _count(
    counters: dict[int, int],
    frame: bytes,
    octets: int,
    sizes: int,
    frames: tuple[int, ...],
    bytes_: tuple[int, ...],
    groups: tuple[int, int],
    times: int = 1,
) -> None:
    add(counters, sizes + 4 * sum(octets > limit for limit in _SIZES), times)
    for register in frames:
        add(counters, register, times)
    for register in bytes_:
        add(counters, register, octets * times)
    if frame[0] & 1:
        broadcast, multicast = groups
        add(counters, broadcast if frame[:6] == BROADCAST else multicast, times)

