"""Debug ports of virtual machines: 402h (SeaBIOS), E9h (Bochs), and the POST code history.

References: SeaBIOS source, ``src/hw/serialio.c`` (the port reads back E9h when it is there);
Bochs user manual, section "The Bochs E9 hack". Port 80h itself is a page register of the DMA
controllers, which pass its codes on.
"""

from __future__ import annotations

import msgspec

from engine.pdm import (
    CharacterSink,
    Connector,
    Device,
    DeviceConfig,
    DeviceState,
    Ports,
    PostCodeDisplay,
    info_item,
    register,
)

PRESENT = 0xE9
HISTORY = 64


class DebugPortState(DeviceState):
    """The last POST codes, oldest first."""

    post_codes: list[int] = msgspec.field(default_factory=list)


class DebugPortConfig(DeviceConfig, frozen=True):
    """Addresses."""

    firmware_port: int = 0x402
    e9_port: int = 0xE9


@register
class DebugPort(Device[DebugPortConfig, DebugPortState]):
    """Write-only consoles: LUN 0 takes what firmware says at 402h, LUN 1 what comes to E9h."""

    NAME = "debugport"
    DESCRIPTION = "Debug console ports"
    PROVIDES = (PostCodeDisplay,)

    firmware = Ports("firmware_port", 1)
    e9 = Ports("e9_port", 1)
    firmware_sink = Connector(0, CharacterSink)
    e9_sink = Connector(1, CharacterSink)

    @firmware.reader
    def read_firmware(self, offset: int, size: int) -> int:
        """Say that the port exists."""
        return PRESENT

    @firmware.writer
    def write_firmware(self, offset: int, value: int, size: int) -> None:
        """Pass a character on."""
        sink = self.firmware_sink
        if sink is not None:
            sink.write(bytes((value,)))

    @firmware.block_writer
    def write_firmware_block(self, offset: int, size: int, data: bytes) -> int:
        """Pass a string (REP OUTSB) on."""
        if size != 1:
            return 0
        sink = self.firmware_sink
        if sink is not None:
            sink.write(data)
        return len(data)

    @e9.reader
    def read_e9(self, offset: int, size: int) -> int:
        """Say that the port exists."""
        return PRESENT

    @e9.writer
    def write_e9(self, offset: int, value: int, size: int) -> None:
        """Pass a character on."""
        sink = self.e9_sink
        if sink is not None:
            sink.write(bytes((value,)))

    @e9.block_writer
    def write_e9_block(self, offset: int, size: int, data: bytes) -> int:
        """Pass a string (REP OUTSB) on."""
        if size != 1:
            return 0
        sink = self.e9_sink
        if sink is not None:
            sink.write(data)
        return len(data)

    def post_code(self, code: int) -> None:
        """Remember a POST code; repetitions (port 80h as a delay) count once."""
        codes = self.state.post_codes
        if not codes or codes[-1] != code:
            codes.append(code)
            del codes[:-HISTORY]

    @info_item("post", "POST codes of the firmware.")
    def info(self) -> str:
        """Return the POST codes, oldest first."""
        return "POST codes: " + " ".join(f"{code:02x}" for code in self.state.post_codes)
