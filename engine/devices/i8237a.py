"""Two cascaded 8237A DMA controllers with page registers.

References: Intel 8237A data sheet (order 231466), sections "Register description" and "Software
commands"; 82371SB (PIIX3) data sheet, section 2.4.1 (page registers 80h-8Fh), and the EISA high
page registers (480h).

A transfer moves all at once what its device has, whatever the mode (single, block, demand).
Deviations: memory-to-memory transfers and compressed timing do not exist, as in the PIIX3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.pdm import (
    Device,
    DeviceConfig,
    DeviceState,
    IsaDma,
    Ports,
    PostCodeDisplay,
    ResetKind,
    info_item,
    register,
)
from engine.pdm.interfaces import TimedDmaClient

if TYPE_CHECKING:
    from engine.pdm import IsaDmaClient

# Registers 8..15 of a controller, after the four pairs of address and count.
COMMAND_STATUS = 8
REQUEST = 9
SINGLE_MASK = 10
MODE = 11
CLEAR_FLIP_FLOP = 12
MASTER_CLEAR = 13
CLEAR_MASK = 14
ALL_MASK = 15

COMMAND_DISABLE = 0x04
MODE_TRANSFER = 0x0C
TRANSFER_VERIFY = 0x00
TRANSFER_WRITE = 0x04  # device to memory
TRANSFER_READ = 0x08  # memory to device
MODE_AUTOINIT = 0x10
MODE_DECREMENT = 0x20
MODE_SELECT = 0xC0
SELECT_CASCADE = 0xC0

# Page register (port - 80h) of each channel; the others are plain bytes (80h: POST codes).
PAGE_OF_CHANNEL = (0x7, 0x3, 0x1, 0x2, 0xF, 0xB, 0x9, 0xA)
POST_CODE_PAGE = 0x0


class Channel(msgspec.Struct, kw_only=True):
    """One channel; address and count as the chip has them (words for channels 5..7)."""

    base_address: int = 0
    base_count: int = 0
    address: int = 0
    count: int = 0
    mode: int = 0


def _channels() -> list[Channel]:
    return [Channel() for _ in range(4)]


class Controller(msgspec.Struct, kw_only=True):
    """One 8237A."""

    channels: list[Channel] = msgspec.field(default_factory=_channels)
    command: int = 0
    terminal_counts: int = 0
    requests: int = 0
    mask: int = 0x0F
    high_byte: bool = False  # the byte pointer flip-flop
    temporary: int = 0


class I8237aState(DeviceState):
    """Both controllers and the page registers."""

    controllers: list[Controller] = msgspec.field(
        default_factory=lambda: [Controller(), Controller()]
    )
    pages: bytearray = msgspec.field(default_factory=lambda: bytearray(16))
    high_pages: bytearray = msgspec.field(default_factory=lambda: bytearray(16))


class I8237aConfig(DeviceConfig, frozen=True):
    """Port addresses."""

    first_base: int = 0x00
    second_base: int = 0xC0
    page_base: int = 0x80
    high_page_base: int = 0x480


@register
class I8237a(Device[I8237aConfig, I8237aState]):
    """The ISA DMA controllers."""

    NAME = "i8237a"
    DESCRIPTION = "8237A DMA controllers"
    PROVIDES = (IsaDma,)

    first = Ports("first_base", 16)
    second = Ports("second_base", 32)
    pages = Ports("page_base", 16)
    high_pages = Ports("high_page_base", 16)

    def setup(self) -> None:
        """Prepare the table of owners."""
        self._clients: dict[int, IsaDmaClient] = {}
        self._timed: dict[int, TimedDmaClient] = {}

    def reset(self, kind: ResetKind) -> None:
        """Master clear of both controllers; INIT does not reach them."""
        if kind is not ResetKind.SOFT:
            super().reset(kind)

    # ------------------------------------------------------------------ IsaDma

    def attach_client(self, channel: int, client: IsaDmaClient) -> None:
        """Tell who owns a channel."""
        self._clients[channel] = client
        if isinstance(client, TimedDmaClient):
            self._timed[channel] = client

    def remaining(self, channel: int) -> int:
        """Return the bytes to be moved before terminal count; 0 when the channel cannot move."""
        controller = self.state.controllers[channel >> 2]
        registers = controller.channels[channel & 3]
        if (
            controller.command & COMMAND_DISABLE
            or controller.mask >> (channel & 3) & 1
            or registers.mode & MODE_SELECT == SELECT_CASCADE
        ):
            return 0
        return (registers.count + 1) << (channel >> 2)

    def write_memory(self, channel: int, data: bytes) -> tuple[int, bool]:
        """Device to memory: move up to len(data) bytes; return (bytes moved, terminal count)."""
        length = self._length(channel, len(data))
        if length:
            transfer = self._mode(channel) & MODE_TRANSFER
            if transfer == TRANSFER_WRITE:
                self._store(channel, data[:length])
            elif transfer != TRANSFER_VERIFY:
                self.guest_error(f"DMA channel {channel} is not programmed to write memory")
        return length, self._advance(channel, length)

    def read_memory(self, channel: int, count: int) -> tuple[bytes, bool]:
        """Memory to device: move up to ``count`` bytes; return (data, terminal count)."""
        length = self._length(channel, count)
        data = b""
        if length:
            if self._mode(channel) & MODE_TRANSFER == TRANSFER_READ:
                data = self._load(channel, length)
            else:  # nobody drives the data bus
                self.guest_error(f"DMA channel {channel} is not programmed to read memory")
                data = b"\xff" * length
        return data, self._advance(channel, length)

    def _mode(self, channel: int) -> int:
        return self.state.controllers[channel >> 2].channels[channel & 3].mode

    def _length(self, channel: int, count: int) -> int:
        unit = 1 << (channel >> 2)
        return min(count & -unit, self.remaining(channel))

    def _pieces(self, channel: int, length: int) -> list[tuple[int, int]]:
        """Return (address, bytes) runs in order of transfer; the 16-bit counter wraps (64 K)."""
        wide = channel >> 2
        registers = self.state.controllers[wide].channels[channel & 3]
        index = PAGE_OF_CHANNEL[channel]
        page = self.state.high_pages[index] << 24 | self.state.pages[index] << 16
        if wide:
            page &= 0xFFFE0000  # A16 comes from the counter
        units = length >> wide
        address = registers.address
        if registers.mode & MODE_DECREMENT:
            first = min(units, address + 1)
            runs = [(address - first + 1, first)]
            if units > first:
                runs.append((0x10000 - (units - first), units - first))
        else:
            first = min(units, 0x10000 - address)
            runs = [(address, first)]
            if units > first:
                runs.append((0, units - first))
        return [(page + (start << wide), count << wide) for start, count in runs]

    def _store(self, channel: int, data: bytes) -> None:
        descending = self._mode(channel) & MODE_DECREMENT
        done = 0
        for address, length in self._pieces(channel, len(data)):
            piece = data[done : done + length]
            self.dma_write(address, self._reversed(channel, piece) if descending else piece)
            done += length

    def _load(self, channel: int, length: int) -> bytes:
        descending = self._mode(channel) & MODE_DECREMENT
        parts = [self.dma_read(address, count) for address, count in self._pieces(channel, length)]
        return b"".join(self._reversed(channel, p) if descending else p for p in parts)

    @staticmethod
    def _reversed(channel: int, data: bytes) -> bytes:
        """Reverse the order of bytes, or of words on the 16-bit channels."""
        if channel < 4:
            return data[::-1]
        return b"".join(data[i : i + 2] for i in range(len(data) - 2, -1, -2))

    def _advance(self, channel: int, length: int) -> bool:
        """Move address and count on; at terminal count reload or mask. Return whether it came."""
        if not length:
            return False
        controller = self.state.controllers[channel >> 2]
        registers = controller.channels[channel & 3]
        bit = 1 << (channel & 3)
        units = length >> (channel >> 2)
        step = -units if registers.mode & MODE_DECREMENT else units
        registers.address = (registers.address + step) & 0xFFFF
        ended = units > registers.count
        registers.count = (registers.count - units) & 0xFFFF
        if ended:
            controller.terminal_counts |= bit
            controller.requests &= ~bit
            if registers.mode & MODE_AUTOINIT:
                registers.address = registers.base_address
                registers.count = registers.base_count
            else:
                controller.mask |= bit
        return ended

    def _ready(self, number: int) -> None:
        """A controller has been programmed: let the owners of its open channels go on."""
        controller = self.state.controllers[number]
        for index in range(4):
            if not controller.mask >> index & 1:
                client = self._clients.get(number * 4 + index)
                if client is not None:
                    client.dma_transfer(number * 4 + index)

    # ------------------------------------------------------------------ registers

    @first.reader
    def read_first(self, offset: int, size: int) -> int:
        """Read a register of the first controller."""
        return self._read(0, offset)

    @first.writer
    def write_first(self, offset: int, value: int, size: int) -> None:
        """Write a register of the first controller."""
        self._write(0, offset, value)

    @second.reader
    def read_second(self, offset: int, size: int) -> int:
        """Read a register of the second controller, which ignores A0."""
        return self._read(1, offset >> 1)

    @second.writer
    def write_second(self, offset: int, value: int, size: int) -> None:
        """Write a register of the second controller, which ignores A0."""
        self._write(1, offset >> 1, value)

    def _read(self, number: int, offset: int) -> int:
        controller = self.state.controllers[number]
        if offset < COMMAND_STATUS:
            timed = self._timed.get(number * 4 + (offset >> 1))
            # Not between the two bytes of a counter, which belong together.
            if timed is not None and not controller.high_byte:
                timed.settle_dma(number * 4 + (offset >> 1))
            registers = controller.channels[offset >> 1]
            value = registers.count if offset & 1 else registers.address
            controller.high_byte = not controller.high_byte
            return value & 0xFF if controller.high_byte else value >> 8
        if offset == COMMAND_STATUS:
            value = controller.requests << 4 | controller.terminal_counts
            controller.terminal_counts = 0
            return value
        if offset == MASTER_CLEAR:
            return controller.temporary
        if offset == ALL_MASK:
            return controller.mask | 0xF0
        return 0xFF

    def _write(self, number: int, offset: int, value: int) -> None:
        controller = self.state.controllers[number]
        if offset < COMMAND_STATUS:
            self._write_pair(controller, controller.channels[offset >> 1], offset & 1, value)
            return
        bit = 1 << (value & 3)
        if offset == COMMAND_STATUS:
            controller.command = value
        elif offset == REQUEST:
            controller.requests = self._with_bit(controller.requests, bit, bool(value & 4))
        elif offset == SINGLE_MASK:
            controller.mask = self._with_bit(controller.mask, bit, bool(value & 4))
        elif offset == MODE:
            controller.channels[value & 3].mode = value & 0xFC
        elif offset == CLEAR_FLIP_FLOP:
            controller.high_byte = False
        elif offset == MASTER_CLEAR:
            controller.command = controller.terminal_counts = controller.requests = 0
            controller.temporary = 0
            controller.mask = 0x0F
            controller.high_byte = False
        elif offset == CLEAR_MASK:
            controller.mask = 0
        else:
            controller.mask = value & 0x0F
        if offset not in {CLEAR_FLIP_FLOP, MASTER_CLEAR}:
            self._ready(number)

    @staticmethod
    def _with_bit(value: int, bit: int, on: bool) -> int:
        return value | bit if on else value & ~bit

    @staticmethod
    def _write_pair(controller: Controller, registers: Channel, count: int, value: int) -> None:
        """Write one byte of base and current address or count, chosen by the flip-flop."""
        old = registers.base_count if count else registers.base_address
        if controller.high_byte:
            value = old & 0x00FF | value << 8
        else:
            value |= old & 0xFF00
        controller.high_byte = not controller.high_byte
        if count:
            registers.base_count = registers.count = value
        else:
            registers.base_address = registers.address = value

    @pages.reader
    def read_page(self, offset: int, size: int) -> int:
        """Read a page register (address bits 16..23)."""
        return self.state.pages[offset]

    @pages.writer
    def write_page(self, offset: int, value: int, size: int) -> None:
        """Write a page register; the one at 80h belongs to no channel and takes POST codes."""
        self.state.pages[offset] = value
        if offset == POST_CODE_PAGE:
            display = self.context.find(PostCodeDisplay)
            if display is not None:
                display.post_code(value)

    @high_pages.reader
    def read_high_page(self, offset: int, size: int) -> int:
        """Read a high page register (address bits 24..31)."""
        return self.state.high_pages[offset]

    @high_pages.writer
    def write_high_page(self, offset: int, value: int, size: int) -> None:
        """Write a high page register."""
        self.state.high_pages[offset] = value

    @info_item("dmac", "Channels of both DMA controllers.")
    def info(self) -> str:
        """Return the channels with their pages, addresses and counts."""
        rows = []
        for number, controller in enumerate(self.state.controllers):
            rows.append(
                f"DMA{number}: command={controller.command:02x} mask={controller.mask:x} "
                f"requests={controller.requests:x} terminal counts={controller.terminal_counts:x}"
            )
            rows += [
                f"  channel {4 * number + n}: mode={channel.mode:02x} "
                f"address={channel.address:04x} (base {channel.base_address:04x}) "
                f"count={channel.count:04x} (base {channel.base_count:04x})"
                for n, channel in enumerate(controller.channels)
            ]
        return "\n".join(rows)

    @info_item("dmapage", "Page registers of the DMA controllers.")
    def info_pages(self) -> str:
        """Return the page registers, address bits 16..23 and 24..31."""
        return f"low: {self.state.pages.hex(' ')}\nhigh: {self.state.high_pages.hex(' ')}"
