"""The PCI function of a PCnet: ports, control and status registers, interrupts, link, reset.

References: AMD Am79C973/Am79C975 PCnet-FAST III data sheet (21510) and Am79C970A PCnet-PCI II data
sheet (19436). Deviations: no EEPROM, flash memory, wake-up, software timer and collisions; what
describes the FIFOs, the bus and the lamps only holds what was written; where a driver does not
demand transmission, the ring is looked at ever more rarely while nothing is found.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple

from engine.devices.pcnet import phy, rings, transmit
from engine.devices.pcnet import registers as r
from engine.devices.pcnet.receive import Receiver
from engine.devices.pcnet.state import PcnetState
from engine.devices.pcnet.transmit import Transmitter
from engine.pdm import (
    AdapterConfig,
    MemoryBar,
    Mmio,
    NetworkHost,
    PciDevice,
    PortBar,
    Ports,
    ResetKind,
    RomBar,
    info_item,
    register,
    timer,
)
from engine.pdm.pci import REVISION_ID, SUBSYSTEM_VENDOR_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

NEGOTIATION_NS: Final = 3_000_000_000
"""How long the link is down after a change: drivers look at it every other second."""

FIRST_POLL_NS, LAST_POLL_NS = 2_000_000, 64_000_000
BURST_PAUSE_NS: Final = 100_000


class Model(NamedTuple):
    """What tells the chips apart.

    Attributes:
        chip: CSR88 and CSR89. mii: there is a transceiver behind BCR32 to BCR34.
    """

    revision: int
    subsystem: tuple[int, int]
    chip: int
    mii: bool


MODELS: Final = {
    "Am79C970A": Model(0x10, (0, 0), 0x0262_1003, mii=False),
    "Am79C973": Model(0x40, (0x1022, 0x2000), 0x7262_5003, mii=True),
}


class PcnetConfig(AdapterConfig, frozen=True):
    """Model, and what all adapters can be told."""

    model: Literal["Am79C970A", "Am79C973"] = "Am79C973"


@register
class Pcnet(NetworkHost[PcnetConfig, PcnetState], PciDevice[PcnetConfig, PcnetState]):
    """An adapter."""

    NAME = "pcnet"
    DESCRIPTION = "AMD PCnet network adapter"
    VENDOR, DEVICE, CLASS = 0x1022, 0x2000, 0x020000
    INTERRUPT = 1
    DEFAULTS: ClassVar[dict[int, int]] = {0x3E: 0x06, 0x3F: 0xFF}  # MIN_GNT and MAX_LAT

    io_ports = Ports(None, r.PORTS, sizes=(1, 2, 4))
    register_space = Mmio(None, r.PORTS, sizes=(1, 2, 4))
    BARS = (PortBar(0, "io_ports"), MemoryBar(1, "register_space"), RomBar("option_rom"))

    def setup(self) -> None:
        """Make both units, and listen to the cable."""
        super().setup()
        self.model = MODELS[self.config.model]
        self.load_boot_rom(self.VENDOR, self.DEVICE)
        more = r.BCR_WRITABLE_973 if self.model.mii else {}
        self._bcr_writable = r.BCR_WRITABLE | more
        self._transmitter, self._receiver = Transmitter(self), Receiver(self)
        self._load_address()

    # -- life

    def _reset_registers(self) -> None:
        super()._reset_registers()
        self.registers[REVISION_ID] = self.model.revision
        struct.pack_into("<HH", self.registers, SUBSYSTEM_VENDOR_ID, *self.model.subsystem)

    def reset(self, kind: ResetKind) -> None:
        """H_RESET by PCIRST#; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self.transmission.cancel()
        self.negotiation.cancel()
        self.forget_waiting()
        self._load_address()
        self.state.phy.link = self._can_link()

    def _load_address(self) -> None:
        """Have the address in the PROM and in PADR, as after reading the EEPROM."""
        self._bind()
        prom = bytearray(r.APROM_SIZE)
        prom[0:6] = self.mac
        prom[9] = 0x11  # hardware identity that AMD's drivers look for
        prom[14:16] = b"WW"
        prom[12:14] = (sum(prom) & 0xFFFF).to_bytes(2, "little")
        self.state.aprom = bytes(prom)
        self.state.csr[r.PADR : r.PADR + 3] = struct.unpack("<3H", self.mac)

    def _bind(self) -> None:
        """Have the units work on the state as it is now."""
        self._transmitter.state = self._receiver.state = self.state

    def state_loaded(self, version: int) -> None:
        """Go on where the saved adapter was; the cable is that of this machine."""
        super().state_loaded(version)
        self._bind()
        link = self.state.phy
        if link.negotiated_at is not None:
            self.negotiation.arm(link.negotiated_at)
        elif link.link != self._can_link():
            self.link_changed()
        if self.state.csr[r.STATUS] & r.TXON:
            self.transmission.arm(self.now)
        self._update_interrupt()

    # -- link

    @property
    def carrier(self) -> bool:
        """The transceiver has a link."""
        return self.state.phy.link

    def _can_link(self) -> bool:
        return self.plugged and phy.powered(self.state.phy)

    def link_changed(self) -> None:
        """Drop the link, and have it come up after a while if there is a partner."""
        state = self.state.phy
        state.link, state.lost = False, True
        state.negotiated_at = None
        self.negotiation.cancel()
        if self._can_link():
            state.negotiated_at = self.now + NEGOTIATION_NS
            self.negotiation.arm(state.negotiated_at)

    @timer
    def negotiation(self) -> None:
        """The partners have agreed."""
        state = self.state.phy
        state.negotiated_at = None
        state.link = self._can_link()

    # -- frames

    def _running(self, unit: int) -> bool:
        csr = self.state.csr
        return bool(csr[r.STATUS] & unit) and not csr[r.EXTENDED] & r.SPND and self.bus_master

    def listens(self) -> bool:
        """The receiver is on and hears the wire, not the transmitter."""
        return self.carrier and self._running(r.RXON) and not self.state.csr[r.MODE] & r.LOOP

    def frames_arrived(self, frames: Iterable[bytes]) -> None:
        """Take frames, and tell the guest of them once."""
        causes = 0
        for frame in frames:
            if self.state.csr[r.STATUS] & r.RXON:
                causes |= self._receiver.take(frame)
        self._interrupt(causes)

    def send(self, frame: bytes) -> None:
        """Put a frame of the guest's on the wire, or loop it back."""
        if not self.state.csr[r.MODE] & r.LOOP:
            self.transmit(frame)
        elif self._running(r.RXON):
            self._interrupt(self._receiver.take(frame, looped=True))

    @timer
    def transmission(self) -> None:
        """Look at the transmit ring without having been asked to."""
        self._transmit()

    def _transmit(self) -> None:
        if not self._running(r.TXON):
            return
        state = self.state
        causes, done = self._transmitter.run()
        state.poll = FIRST_POLL_NS if done else min(2 * state.poll, LAST_POLL_NS)
        if done >= transmit.BURST_DESCRIPTORS:
            self.transmission.arm(self.now + BURST_PAUSE_NS)
        elif not state.csr[r.FEATURES] & r.TXDPOLL:
            self.transmission.arm(self.now + max(state.poll, FIRST_POLL_NS))
        self._interrupt(causes)

    # -- interrupts

    def _interrupt(self, causes: int) -> None:
        self.state.csr[r.STATUS] |= causes
        self._update_interrupt()

    def _interrupt_flag(self) -> bool:
        """INTR: some cause that is not masked."""
        csr = self.state.csr
        features, extended = csr[r.FEATURES], csr[r.EXTENDED]
        return bool(
            csr[r.STATUS] & r.CAUSES & ~csr[r.MASKS]
            or features & r.UINT
            or features & r.MASKED_EVENTS & ~(features << 1)
            or extended & r.EXTENDED_EVENTS & extended << 1
        )

    def _update_interrupt(self) -> None:
        enabled = self.state.csr[r.STATUS] & r.IENA
        self.intx.set(bool(enabled) and self._interrupt_flag())

    # -- ports

    @io_ports.reader
    def read_port(self, offset: int, size: int) -> int:
        """Answer the address PROM, and registers in the width that is in force."""
        if offset < r.APROM_SIZE:
            return int.from_bytes(self.state.aprom[offset : offset + size], "little")
        state = self.state
        if size == (4 if state.dword_io else 2):
            if offset == r.RDP:
                return self.read_csr(state.rap)
            if offset == (r.DWORD_BDP if state.dword_io else r.WORD_BDP):
                return self.read_bcr(state.rap)
            if offset == (r.DWORD_RAP if state.dword_io else r.WORD_RAP):
                return state.rap
            if offset == (r.DWORD_RESET if state.dword_io else r.WORD_RESET):
                self._software_reset()
                return 0
        return (1 << 8 * size) - 1

    @io_ports.writer
    def write_port(self, offset: int, value: int, size: int) -> None:
        """Take registers in the width that is in force, and the PROM where that is allowed."""
        state = self.state
        if offset < r.APROM_SIZE:
            if state.bcr[r.MISC] & r.APROMWE:
                prom = bytearray(state.aprom)
                prom[offset : offset + size] = value.to_bytes(size, "little")
                state.aprom = bytes(prom[: r.APROM_SIZE])
        elif size == (4 if state.dword_io else 2):
            if offset == r.RDP:
                self.write_csr(state.rap, value & 0xFFFF)
            elif offset == (r.DWORD_BDP if state.dword_io else r.WORD_BDP):
                self.write_bcr(state.rap, value & 0xFFFF)
            elif offset == (r.DWORD_RAP if state.dword_io else r.WORD_RAP):
                state.rap = value & 0xFF
        elif offset == r.RDP and size == 4:
            state.dword_io = True  # which is all that this access does

    read_memory = register_space.reader(read_port)
    write_memory = register_space.writer(write_port)

    # -- control and status registers

    def read_csr(self, number: int) -> int:
        """Return a CSR."""
        state = self.state
        csr = state.csr
        match number:
            case r.STATUS:
                error = r.ERR if csr[r.STATUS] & r.ERRORS else 0
                return csr[r.STATUS] | error | (r.INTR if self._interrupt_flag() else 0)
            case r.IADR_LOW_ALIAS | r.IADR_HIGH_ALIAS:
                return csr[number - r.IADR_LOW_ALIAS + r.IADR_LOW]
            case r.STYLE:
                return state.bcr[r.SOFTWARE_STYLE]
            case r.RX_COUNTER:
                return rings.ring_length(state, r.RX_LENGTH) - state.receive & 0xFFFF
            case r.TX_COUNTER:
                return rings.ring_length(state, r.TX_LENGTH) - state.transmit & 0xFFFF
            case r.CHIP_LOW:
                return self.model.chip & 0xFFFF
            case r.CHIP_HIGH:
                return self.model.chip >> 16
        return csr[number] if number < r.CSR_COUNT else 0

    def write_csr(self, number: int, value: int) -> None:
        """Write a CSR."""
        csr = self.state.csr
        match number:
            case r.STATUS:
                self._write_status(value)
            case r.MASKS:
                csr[r.MASKS] = value & r.MASKS_WRITABLE
            case r.FEATURES:
                events = csr[r.FEATURES] & r.FEATURE_EVENTS & ~value
                events |= r.UINT if value & r.UINTCMD else 0
                csr[r.FEATURES] = value & r.FEATURES_WRITABLE | events
            case r.EXTENDED:
                self._write_extended(value)
            case r.STYLE:
                self.write_bcr(r.SOFTWARE_STYLE, value)
            case r.IADR_LOW_ALIAS | r.IADR_HIGH_ALIAS:
                self._write_setup(number - r.IADR_LOW_ALIAS + r.IADR_LOW, value)
            case _ if number in r.SETUP:
                self._write_setup(number, value)
            case _ if number in r.HELD:
                csr[number] = value
        self._update_interrupt()

    def _write_setup(self, number: int, value: int) -> None:
        state = self.state
        if not (state.csr[r.STATUS] & r.STOP or state.csr[r.EXTENDED] & r.SPND):
            self.guest_error(f"write of CSR{number} while the chip runs")
        elif number == r.RX_COUNTER:
            length = rings.ring_length(state, r.RX_LENGTH)
            state.receive = (length - value) % length
        elif number == r.TX_COUNTER:
            length = rings.ring_length(state, r.TX_LENGTH)
            state.transmit = (length - value) % length
        else:
            state.csr[number] = value

    def _write_status(self, value: int) -> None:
        csr = self.state.csr
        if value & r.STOP:
            self._stop()
            return
        csr[r.STATUS] = csr[r.STATUS] & ~(value & r.EVENTS | r.IENA) | value & r.IENA
        if value & r.INIT and not csr[r.STATUS] & r.STRT:
            self._initialize()
        if value & r.STRT and not csr[r.STATUS] & r.STRT:
            self._start()
        elif value & r.TDMD:
            self._transmit()

    def _stop(self) -> None:
        """Cease all activity; where the rings have been read up to remains."""
        state = self.state
        state.csr[r.STATUS] = r.STOP
        state.csr[r.FEATURES] &= ~r.FEATURE_EVENTS
        state.csr[r.EXTENDED] &= ~(r.EXTENDED_EVENTS | r.SPND)
        state.pending, state.in_frame, state.overlong = bytearray(), False, False
        self.transmission.cancel()

    def _initialize(self) -> None:
        csr = self.state.csr
        csr[r.STATUS] = csr[r.STATUS] & ~r.STOP | r.INIT
        there = self.bus_master and rings.load_block(self, self.state)
        csr[r.STATUS] |= r.IDON if there else r.MERR

    def _start(self) -> None:
        csr = self.state.csr
        mode = csr[r.MODE]
        units = (0 if mode & r.DTX else r.TXON) | (0 if mode & r.DRX else r.RXON)
        csr[r.STATUS] = csr[r.STATUS] & ~r.STOP | r.STRT | units
        if not csr[r.FEATURES] & r.TXDPOLL:
            self._transmit()

    def _write_extended(self, value: int) -> None:
        csr = self.state.csr
        events = csr[r.EXTENDED] & r.EXTENDED_EVENTS & ~value
        suspended = csr[r.EXTENDED] & r.SPND
        csr[r.EXTENDED] = value & r.EXTENDED_WRITABLE | events
        if csr[r.STATUS] & r.STOP:
            csr[r.EXTENDED] &= ~r.SPND
        if suspended and not value & r.SPND:
            self._transmit()

    def _software_reset(self) -> None:
        """S_RESET: the bus configuration and the addresses stay (data sheet, "Software Reset")."""
        state = self.state
        self._stop()
        state.rap = 0
        for number in (r.MASKS, r.EXTENDED, r.MODE, 7, r.TEST, r.MISSED):
            state.csr[number] = 0
        state.csr[r.FEATURES] = r.FEATURES_DEFAULT
        self._update_interrupt()

    # -- bus configuration registers

    def read_bcr(self, number: int) -> int:
        """Return a BCR."""
        bcr = self.state.bcr
        if number >= r.BCR_COUNT or (number > 22 and not self.model.mii):
            return 0
        value = bcr[number]
        if r.LED0 <= number <= r.LED3 and value & r.LED_LINK and self.carrier:
            return value | r.LEDOUT
        if number == r.BURST and self.state.dword_io:
            return value | r.DWIO
        if number == r.MII_DATA:
            address = bcr[r.MII_ADDRESS]
            there = address >> 5 == phy.ADDRESS
            return phy.read(self.state.phy, address & 31) if there else phy.NOBODY
        return value

    def write_bcr(self, number: int, value: int) -> None:
        """Write a BCR."""
        bcr = self.state.bcr
        if number == r.SOFTWARE_STYLE:
            bcr[r.SOFTWARE_STYLE] = rings.style_register(value)
        elif number == r.MII_DATA and self.model.mii:
            address = bcr[r.MII_ADDRESS]
            if address >> 5 == phy.ADDRESS:
                phy.write(self.state.phy, address & 31, value)
                self._follow_power()
        elif r.LED0 <= number <= r.LED3 and self.model.mii and not bcr[r.MISC] & r.LEDPE:
            return  # locked
        elif number in self._bcr_writable:
            bcr[number] = value & self._bcr_writable[number]

    def _follow_power(self) -> None:
        """Follow what software has switched the transceiver to."""
        link = self.state.phy
        on = link.link or link.negotiated_at is not None
        if on != self._can_link():
            self.link_changed()

    @info_item("pcnet", "Registers, rings and link of the network adapter.")
    def info(self) -> str:
        """Return what the adapter is doing."""
        state = self.state
        link = "up" if self.carrier else "down"
        cable = "connected" if self.plugged else "disconnected"
        lines = [f"{self.config.model} {self.mac.hex(':')} link {link}, cable {cable}"]
        names = {0: "CSR0", 3: "CSR3", 4: "CSR4", 5: "CSR5", 15: "CSR15"}
        words = [f"{name}={self.read_csr(number):04x}" for number, name in names.items()]
        lines.append(" ".join([*words, f"BCR20={state.bcr[r.SOFTWARE_STYLE]:04x}"]))
        for name, base, size, index in (
            ("rx", r.RX_BASE, r.RX_LENGTH, state.receive),
            ("tx", r.TX_BASE, r.TX_LENGTH, state.transmit),
        ):
            start, length = rings.ring_base(state, base), rings.ring_length(state, size)
            lines.append(f"{name}: base={start:#x} length={length} current={index}")
        return "\n".join(lines)
