"""Descriptors and the initialization block in memory, in each software style (BCR20).

Reference: data sheet 21510, "Initialization Block" and "Receive/Transmit Descriptors". Status bits
have the same places in all styles once they are in a word of their own.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from engine.devices.pcnet import registers as r

if TYPE_CHECKING:
    from engine.devices.pcnet.state import PcnetState

# Status: upper half of RMD1 and TMD1.
OWN, ERROR, STP, ENP = 0x8000, 0x4000, 0x0200, 0x0100
RX_OFLO, RX_BUFF, RX_PAM, RX_LAFM, RX_BAM = 0x1000, 0x0400, 0x0040, 0x0020, 0x0010
TX_ADD_FCS, TX_LTINT = 0x2000, 0x1000
# Upper half of TMD2.
TX_BUFF, TX_UFLO, TX_LCAR = 0x8000, 0x4000, 0x0800

_LARGEST_BUFFER: Final = 4096
_MOST_LONG: Final = 9
"""Binary logarithm of the longest ring that a block of 32 bits can ask for."""


class Bus(Protocol):
    """What the units need of their adapter."""

    def dma_read(self, address: int, size: int) -> bytes:
        """Read the guest's memory."""

    def dma_write(self, address: int, data: bytes) -> None:
        """Write the guest's memory."""

    def is_memory(self, address: int, size: int) -> bool:
        """Tell whether there is nothing but memory."""

    def guest_error(self, message: str) -> None:
        """Note a mistake of the guest's."""


class Descriptor(NamedTuple):
    """A descriptor that has been read.

    Attributes:
        address: where it is. buffer: address of its buffer. length: bytes of the buffer, 1 to 4096.
    """

    address: int
    buffer: int
    status: int
    length: int


class Layout(NamedTuple):
    """Where things are in a descriptor of a style.

    Attributes:
        size: bytes of a descriptor. buffer: place of the buffer's address.
        detail: place of what is told beside the status: message count, transmit errors.
    """

    size: int
    buffer: int
    detail: int


SHORT: Final = Layout(8, 0, 6)
LONG: Final = Layout(16, 0, 8)
BURST: Final = Layout(16, 8, 0)
_LAYOUTS: Final = {1: LONG, 2: LONG, 3: BURST}


def layout(state: PcnetState) -> Layout:
    """Return the layout that software has chosen; styles that nobody defined are 16 bits wide."""
    return _LAYOUTS.get(state.bcr[r.SOFTWARE_STYLE] & 0xFF, SHORT)


def style_register(style: int) -> int:
    """Return what BCR20 holds after a write: which structures a style has is read-only."""
    style &= 0xFF
    value = style if style == 1 else style | r.CSRPCNET
    return value | r.SSIZE32 if style in _LAYOUTS else value


def read(bus: Bus, state: PcnetState, base: int, index: int) -> Descriptor:
    """Read a descriptor of a ring."""
    form = layout(state)
    address = base + index * form.size & 0xFFFFFFFF
    data = bus.dma_read(address, form.size)
    if form is SHORT:
        low, high, count, _ = struct.unpack("<4H", data)
        # Addresses of 24 bits get their upper part from CSR2.
        buffer = (state.csr[r.IADR_HIGH] & 0xFF00) << 16 | (high & 0xFF) << 16 | low
        status = high & 0xFF00
    else:
        words = struct.unpack("<4I", data)
        buffer, count, status = words[form.buffer >> 2], words[1], words[1] >> 16
    return Descriptor(address, buffer, status, _LARGEST_BUFFER - (count & 0xFFF))


def write_back(
    bus: Bus, state: PcnetState, descriptor: Descriptor, status: int, detail: int | None
) -> None:
    """Give a descriptor to software; ``detail`` first, so that it is there when OWN is not."""
    form = layout(state)
    if form is SHORT:
        if detail is not None:
            # Message counts are in the lower, transmit errors in the upper half.
            word = (detail >> 16 | detail) & 0xFFFF
            bus.dma_write(descriptor.address + form.detail, word.to_bytes(2, "little"))
        bus.dma_write(descriptor.address + 3, (status >> 8).to_bytes(1, "little"))
        return
    if detail is not None:
        bus.dma_write(descriptor.address + form.detail, detail.to_bytes(4, "little"))
    bus.dma_write(descriptor.address + 6, status.to_bytes(2, "little"))


def ring_base(state: PcnetState, register: int) -> int:
    """Return the address of a ring from the pair of CSRs that holds it."""
    return state.csr[register + 1] << 16 | state.csr[register]


def ring_length(state: PcnetState, register: int) -> int:
    """Return how many descriptors a ring has: CSR76 and CSR78 hold its negative."""
    return 0x10000 - state.csr[register]


def load_block(bus: Bus, state: PcnetState) -> bool:
    """Read the initialization block; tell whether there is memory."""
    csr = state.csr
    address = csr[r.IADR_HIGH] << 16 | csr[r.IADR_LOW]
    short = layout(state) is SHORT
    size = 24 if short else 28
    if not bus.is_memory(address, size):
        bus.guest_error(f"initialization block at {address:#x}, where there is no memory")
        return False
    data = bus.dma_read(address, size)
    if short:
        mode, *rest = struct.unpack("<H3H4H4H", data)
        rx, tx = rest[7] | rest[8] << 16, rest[9] | rest[10] << 16
        rx_length, tx_length = 1 << (rx >> 29), 1 << (tx >> 29)
        upper = (csr[r.IADR_HIGH] & 0xFF00) << 16
        rx, tx = upper | rx & 0xFFFFF8, upper | tx & 0xFFFFF8
    else:
        mode, lengths, *rest, rx, tx = struct.unpack("<HH3H2x4H2I", data)
        rx_length = 1 << min(lengths >> 4 & 0xF, _MOST_LONG)
        tx_length = 1 << min(lengths >> 12, _MOST_LONG)
        rx, tx = rx & ~0xF, tx & ~0xF
    csr[r.MODE] = mode
    csr[r.PADR : r.PADR + 3] = rest[0:3]
    csr[r.LADRF : r.LADRF + 4] = rest[3:7]
    csr[r.RX_BASE : r.RX_BASE + 2] = [rx & 0xFFFF, rx >> 16]
    csr[r.TX_BASE : r.TX_BASE + 2] = [tx & 0xFFFF, tx >> 16]
    csr[r.RX_LENGTH], csr[r.TX_LENGTH] = -rx_length & 0xFFFF, -tx_length & 0xFFFF
    logs = tx_length.bit_length() - 1, rx_length.bit_length() - 1
    csr[r.RING_LENGTHS] = logs[0] << 12 | logs[1] << 8
    state.receive = state.transmit = 0
    return True
