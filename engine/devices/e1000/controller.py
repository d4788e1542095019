"""The PCI function of an 8254x: register file, interrupts, link, reset.

Reference: Intel PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual
(317453, "SDM"). Deviations: interrupts are not moderated (ITR, RDTR, RADV, TIDV and TADV only hold
what was written); no power management capability, wake-up, flash memory or flow control; the
EEPROM is write-protected; see ``phy`` for the link.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple

from engine.devices.e1000 import eeprom, phy, statistics
from engine.devices.e1000 import registers as r
from engine.devices.e1000.receive import Receiver
from engine.devices.e1000.state import E1000State, Ring
from engine.devices.e1000.transmit import Transmitter
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
from engine.pdm.pci import DEVICE_ID, SUBSYSTEM_ID

IOADDR, IODATA = 0, 4
IO_PORTS = 8


class Model(NamedTuple):
    """What tells the members of the family apart.

    Attributes:
        phy: its identifier. mdio_pins: the PHY hangs on software definable pins, not on MDIC.
    """

    device: int
    subsystem: int
    phy: int
    mdio_pins: bool = False


MODELS: Final = {
    "82540EM": Model(0x100E, 0x001E, 0x01410C20),
    "82543GC": Model(0x1004, 0x1004, 0x01410C50, mdio_pins=True),
    "82545EM": Model(0x100F, 0x1001, 0x01410C20),
}


class E1000Config(AdapterConfig, frozen=True):
    """Model, and what all adapters can be told."""

    model: Literal["82540EM", "82543GC", "82545EM"] = "82540EM"


@register
class E1000(NetworkHost[E1000Config, E1000State], PciDevice[E1000Config, E1000State]):
    """An adapter."""

    NAME = "e1000"
    DESCRIPTION = "Intel PRO/1000 network adapter"
    VENDOR = 0x8086
    DEVICE = 0x100E
    CLASS = 0x020000
    REVISION = 0x02
    SUBSYSTEM = (0x8086, 0x001E)
    INTERRUPT = 1
    STATUS_DEFAULT = 0x0220

    register_space = Mmio(None, r.REGISTER_SPACE, sizes=(1, 2, 4))
    io_ports = Ports(None, IO_PORTS, sizes=(1, 2, 4))
    BARS = (MemoryBar(0, "register_space"), PortBar(2, "io_ports"), RomBar("option_rom"))

    def setup(self) -> None:
        """Make the chips around the register file, and listen to the cable."""
        super().setup()
        self.model = MODELS[self.config.model]
        self.load_boot_rom(self.VENDOR, self.model.device)
        words = eeprom.image(self.mac, self.VENDOR, self.model.device, self.model.subsystem)
        self._eeprom = eeprom.Eeprom(words)
        self._phy = phy.Phy(self.model.phy)
        self._transmitter, self._receiver = Transmitter(self), Receiver(self)
        self._readers: dict[int, Callable[[], int]] = self._make_readers()
        self._writers: dict[int, Callable[[int], None]] = self._make_writers()
        self._bind()

    # -- life

    def _reset_registers(self) -> None:
        super()._reset_registers()
        struct.pack_into("<H", self.registers, DEVICE_ID, self.model.device)
        struct.pack_into("<H", self.registers, SUBSYSTEM_ID, self.model.subsystem)

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets the PHY too; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self._start()
        self._negotiate()

    def _software_reset(self) -> None:
        """CTRL.RST: everything but the PHY and configuration space (SDM 14.9)."""
        before = self.state
        self.state = E1000State(phy=before.phy, io_address=before.io_address)
        self._start()

    def _start(self) -> None:
        self._bind()
        self.transmission.cancel()
        self.forget_waiting()
        self._load_address()
        self._update_interrupt()

    def _bind(self) -> None:
        """Have the units work on the state as it is now."""
        state = self.state
        self._transmitter.state, self._receiver.state = state.transmit, state.receive
        self._transmitter.counters = self._receiver.counters = state.statistics
        self._update_vlan()

    def _update_vlan(self) -> None:
        vlan_type = self.state.held[r.VET]
        self._transmitter.vlan_type = self._receiver.vlan_type = vlan_type
        self._receiver.strip_vlan = bool(self.state.ctrl & r.CTRL_VME)

    def _load_address(self) -> None:
        """The address from the EEPROM is the first receive address (SDM 13.5.2)."""
        low, high = struct.unpack("<IH", self.mac)
        self.state.receive.addresses[0:2] = [low, r.RAH_AV | high]

    def state_loaded(self, version: int) -> None:
        """Go on where the saved adapter was; the cable is that of this machine."""
        super().state_loaded(version)
        self._bind()
        if self.state.phy.negotiated_at is not None:
            self.negotiation.arm(self.state.phy.negotiated_at)
        elif self.state.phy.link != self._can_link():
            self._negotiate()
        if self.state.transmit.ring.owned:
            self.transmission.arm(self.now)
        self._update_interrupt()

    # -- link

    def link_changed(self) -> None:
        """The partners negotiate anew."""
        self._negotiate()

    @property
    def carrier(self) -> bool:
        """The negotiation has brought a link."""
        return self.state.phy.link

    def _can_link(self) -> bool:
        return self.plugged and not self._phy.control(self.state.phy) & phy.CONTROL_POWER_DOWN

    def _negotiate(self) -> None:
        """Drop the link, and have it come up after a while if there is a partner."""
        state = self.state.phy
        self._set_link(False)
        state.negotiated_at = None
        self.negotiation.cancel()
        if self._can_link():
            state.negotiated_at = self.now + phy.NEGOTIATION_NS
            self.negotiation.arm(state.negotiated_at)

    @timer
    def negotiation(self) -> None:
        """The partners have agreed."""
        self.state.phy.negotiated_at = None
        self._set_link(self._can_link())

    def _set_link(self, up: bool) -> None:
        state = self.state.phy
        if up != state.link:
            state.link = up
            state.lost = state.lost or not up
            self._interrupt(r.INT_LSC)

    # -- frames

    def listens(self) -> bool:
        """Frames go into memory."""
        return self.carrier and self.bus_master

    def takes_packets(self) -> bool:
        """The receiver cuts them."""
        return True

    def frames_arrived(self, frames: Iterable[bytes]) -> None:
        """Take frames, and tell the guest of them once."""
        receiver, causes = self._receiver, 0
        if self.gets_packets:
            causes = receiver.hold(frames)
        else:
            for frame in frames:
                causes |= receiver.take(frame)
        self._interrupt(causes)

    @timer
    def transmission(self) -> None:
        """Go on with a ring that was too long for one burst."""
        self._transmit()

    def _transmit(self) -> None:
        if not self.bus_master:
            return
        causes, more = self._transmitter.run()
        if more:
            self.transmission.arm(self.now)
        self._interrupt(causes)

    def send(self, frame: bytes) -> None:
        """Put a frame of the guest's on the wire, or loop it back."""
        if self.state.receive.control & r.RCTL_LBM:
            self._interrupt(self._receiver.take(frame))
            return
        self.transmit(frame)

    def send_packet(self, packet: bytes) -> bool:
        """Put a packet of the guest's on the wire, unless it is to be looped back."""
        looped = self.state.receive.control & r.RCTL_LBM
        return not looped and self.transmit_packet(packet)

    # -- interrupts

    def _interrupt(self, causes: int) -> None:
        if causes:
            self.state.icr |= causes
            self._update_interrupt()

    def _update_interrupt(self) -> None:
        self.intx.set(bool(self.state.icr & self.state.ims))

    # -- register space

    @register_space.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer a read; registers have 32 bits."""
        return self._read(offset & ~3) >> 8 * (offset & 3)

    @register_space.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take a write of a whole register (SDM 13.2)."""
        if size != 4:
            self.guest_error(f"write of {size} bytes at {offset:#x}")
        else:
            self._write(offset, value)

    @io_ports.reader
    def read_io(self, offset: int, size: int) -> int:
        """Answer IOADDR and IODATA (SDM 13.3.1)."""
        whole = self.state.io_address if offset < IODATA else self._read(self.state.io_address)
        return whole >> 8 * (offset & 3)

    @io_ports.writer
    def write_io(self, offset: int, value: int, size: int) -> None:
        """Take IOADDR and IODATA."""
        if size != 4:
            self.guest_error(f"write of {size} bytes at I/O offset {offset}")
        elif offset == IOADDR:
            self.state.io_address = value & (r.REGISTER_SPACE - 4)
        else:
            self._write(self.state.io_address, value)

    def _read(self, offset: int) -> int:
        reader = self._readers.get(offset)
        if reader is not None:
            return reader()
        if offset in r.HELD:
            return self.state.held.get(offset, 0)
        if r.STATISTICS <= offset < r.STATISTICS_END:
            return statistics.read(self.state.statistics, offset)
        table = self._table(offset)
        return table[0][table[1]] if table else 0

    def _write(self, offset: int, value: int) -> None:
        writer = self._writers.get(offset)
        if writer is not None:
            writer(value)
        elif offset in r.HELD:
            self.state.held[offset] = value & r.HELD[offset]
            self._update_vlan()
        elif table := self._table(offset):
            table[0][table[1]] = value

    def _table(self, offset: int) -> tuple[list[int], int] | None:
        """Return the table behind an offset and the index in it, or None."""
        receive = self.state.receive
        for base, table in (
            (r.MTA, receive.multicast), (r.RAL0, receive.addresses), (r.VFTA, receive.vlans)
        ):  # fmt: skip
            if base <= offset < base + 4 * len(table):
                return table, (offset - base) >> 2
        return None

    def _make_readers(self) -> dict[int, Callable[[], int]]:
        return {
            r.CTRL: self._read_ctrl,
            r.CTRL_DUP: self._read_ctrl,
            r.STATUS: self._read_status,
            r.EECD: lambda: self._eeprom.read_pins(self.state.eeprom),
            r.EERD: lambda: self.state.eerd,
            r.CTRL_EXT: lambda: self.state.ctrl_ext,
            r.MDIC: lambda: self.state.mdic,
            r.ICR: self._read_icr,
            r.IMS: lambda: self.state.ims,
            r.RCTL: lambda: self.state.receive.control,
            r.RXCSUM: lambda: self.state.receive.checksum_control,
            r.TCTL: lambda: self.state.transmit.control,
            **_ring_readers(r.RDBAL, lambda: self.state.receive.ring),
            **_ring_readers(r.TDBAL, lambda: self.state.transmit.ring),
        }

    def _make_writers(self) -> dict[int, Callable[[int], None]]:
        return {
            r.CTRL: self._write_ctrl,
            r.CTRL_DUP: self._write_ctrl,
            r.EECD: lambda value: self._eeprom.write_pins(self.state.eeprom, value),
            r.EERD: self._write_eerd,
            r.CTRL_EXT: self._write_ctrl_ext,
            r.MDIC: self._write_mdic,
            r.ICR: self._write_icr,
            r.ICS: lambda value: self._interrupt(value & r.INT_ALL),
            r.IMS: lambda value: self._mask(self.state.ims | value & r.INT_ALL),
            r.IMC: lambda value: self._mask(self.state.ims & ~value),
            r.RCTL: self._write_rctl,
            r.RXCSUM: self._write_rxcsum,
            r.TCTL: self._write_tctl,
            **_ring_writers(r.RDBAL, lambda: self.state.receive.ring),
            **_ring_writers(r.TDBAL, lambda: self.state.transmit.ring),
            r.RDT: self._write_rdt,
            r.TDT: self._write_tdt,
        }

    # -- general registers

    def _read_ctrl(self) -> int:
        value = self.state.ctrl
        if self.model.mdio_pins and not value & r.CTRL_MDIO_OUT:
            value &= ~r.CTRL_MDIO
            value |= r.CTRL_MDIO if self.state.phy.mdio.pin else 0
        return value

    def _write_ctrl(self, value: int) -> None:
        if value & r.CTRL_RST:
            self._software_reset()
            return
        rising = value & r.CTRL_MDC and not self.state.ctrl & r.CTRL_MDC
        self.state.ctrl = value & ~r.CTRL_PHY_RST
        self._update_vlan()
        if value & r.CTRL_PHY_RST:
            self._phy.write(self.state.phy, phy.CONTROL, phy.CONTROL_RESET)
        elif self.model.mdio_pins and rising:
            # A pin that nobody drives is pulled up.
            level = bool(value & r.CTRL_MDIO) or not value & r.CTRL_MDIO_OUT
            self._phy.clock(self.state.phy, level)
        self._follow_phy()

    def _follow_phy(self) -> None:
        """Negotiate anew when the guest has asked the PHY for it."""
        if self._phy.restart:
            self._phy.restart = False
            self._negotiate()

    def _read_status(self) -> int:
        value = r.STATUS_FD | r.STATUS_SPEED_1000 | r.STATUS_ASDV_1000
        return value | r.STATUS_LU if self.state.phy.link else value

    def _write_ctrl_ext(self, value: int) -> None:
        if value & r.CTRL_EXT_EE_RST:  # reads the EEPROM again; clears itself
            self._load_address()
        self.state.ctrl_ext = value & ~r.CTRL_EXT_EE_RST

    def _write_eerd(self, value: int) -> None:
        self.state.eerd = value & 0xFF00
        if value & r.EERD_START:
            address = value >> 8 & 0xFF
            words = self._eeprom.words
            data = words[address] if address < len(words) else 0xFFFF
            self.state.eerd |= data << 16 | r.EERD_DONE

    def _write_mdic(self, value: int) -> None:
        operation, number = value >> 26 & 3, value >> 16 & 0x1F
        result = value & 0x0FFFFFFF | r.MDIC_READY
        if value >> 21 & 0x1F != phy.ADDRESS or operation not in (r.MDIC_READ, r.MDIC_WRITE):
            result |= r.MDIC_ERROR
        elif operation == r.MDIC_READ:
            result = result & ~0xFFFF | self._phy.read(self.state.phy, number)
        else:
            self._phy.write(self.state.phy, number, value & 0xFFFF)
            self._follow_phy()
        self.state.mdic = result | value & r.MDIC_INTERRUPT
        if value & r.MDIC_INTERRUPT:
            self._interrupt(r.INT_MDAC)

    # -- interrupt registers

    def _read_icr(self) -> int:
        value, self.state.icr = self.state.icr, 0
        self._update_interrupt()
        return value

    def _write_icr(self, value: int) -> None:
        self.state.icr &= ~value
        self._update_interrupt()

    def _mask(self, mask: int) -> None:
        self.state.ims = mask
        self._update_interrupt()

    # -- receive and transmit registers

    def _write_rctl(self, value: int) -> None:
        self.state.receive.control = value
        if not value & r.RCTL_EN:
            self.state.receive.fifo.clear()
            self.state.receive.held.clear()

    def _write_rxcsum(self, value: int) -> None:
        self.state.receive.checksum_control = value & 0x7FF

    def _write_rdt(self, value: int) -> None:
        self.state.receive.ring.tail = value & r.RING_INDEX_MASK
        if self.bus_master:
            self._interrupt(self._receiver.run())

    def _write_tctl(self, value: int) -> None:
        self.state.transmit.control = value
        self._transmit()

    def _write_tdt(self, value: int) -> None:
        self.state.transmit.ring.tail = value & r.RING_INDEX_MASK
        self._transmit()

    @info_item("e1000", "Registers, rings and link of the network adapter.")
    def info(self) -> str:
        """Return what the adapter is doing."""
        state = self.state
        rings = (("rx", state.receive.ring), ("tx", state.transmit.ring))
        link = "up" if state.phy.link else "down"
        cable = "connected" if self.plugged else "disconnected"
        lines = [f"{self.config.model} {self.mac.hex(':')} link {link}, cable {cable}"]
        values = {
            "CTRL": state.ctrl,
            "STATUS": self._read_status(),
            "ICR": state.icr,
            "IMS": state.ims,
            "RCTL": state.receive.control,
            "TCTL": state.transmit.control,
        }
        lines.append(" ".join(f"{name}={value:08x}" for name, value in values.items()))
        lines += [
            f"{name}: base={ring.base:#x} length={ring.length:#x} head={ring.head} tail={ring.tail}"
            for name, ring in rings
        ]
        lines.append(f"frames in the packet buffer: {len(state.receive.fifo)}")
        return "\n".join(lines)


# Both rings have their registers in the same order (SDM 13.4.25 and 13.4.36).
_LOW, _HIGH, _LENGTH, _HEAD, _TAIL = 0x00, 0x04, 0x08, 0x10, 0x18


def _ring_readers(base: int, ring: Callable[[], Ring]) -> dict[int, Callable[[], int]]:
    return {
        base + _LOW: lambda: ring().base & 0xFFFFFFFF,
        base + _HIGH: lambda: ring().base >> 32,
        base + _LENGTH: lambda: ring().length,
        base + _HEAD: lambda: ring().head,
        base + _TAIL: lambda: ring().tail,
    }


def _ring_writers(base: int, ring: Callable[[], Ring]) -> dict[int, Callable[[int], None]]:
    def set_low(value: int) -> None:
        # Descriptors lie at multiples of 16 (SDM 13.4.25).
        ring().base = ring().base >> 32 << 32 | value & ~0xF

    def set_high(value: int) -> None:
        ring().base = ring().base & 0xFFFFFFFF | value << 32

    def set_length(value: int) -> None:
        ring().length = value & r.RING_LENGTH_MASK

    def set_head(value: int) -> None:
        ring().head = value & r.RING_INDEX_MASK

    return {
        base + _LOW: set_low,
        base + _HIGH: set_high,
        base + _LENGTH: set_length,
        base + _HEAD: set_head,
    }
