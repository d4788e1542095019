"""What a saved state of an 8254x holds."""

from __future__ import annotations

import msgspec

from engine.devices.e1000 import registers as r
from engine.pdm import DeviceState
from engine.pdm.mii import TransceiverState


class Ring(DeviceState):
    """A ring of descriptors (SDM 3.2.6 and 3.4).

    Attributes:
        base: address of the first descriptor. length: bytes.
        head, tail: indices of the next descriptor for the adapter, and of the first that is not
            the adapter's.
    """

    base: int = 0
    length: int = 0
    head: int = 0
    tail: int = 0

    @property
    def count(self) -> int:
        """How many descriptors the ring has."""
        return self.length // r.DESCRIPTOR_SIZE

    @property
    def owned(self) -> int:
        """How many descriptors are the adapter's; 0 when an index lies outside the ring."""
        count = self.count
        if not count or self.head >= count or self.tail >= count:
            return 0
        return (self.tail - self.head) % count


class TransmitContext(DeviceState):
    """What a context descriptor has said (SDM 3.3.6).

    Attributes:
        ip_start, ip_offset, ip_end: IPCSS, IPCSO, IPCSE. transport_start, transport_offset,
            transport_end: TUCSS, TUCSO, TUCSE; an end of 0 is the end of the frame.
        tcp, ipv4: TUCMD bits TCP and IP. payload_length: PAYLEN. header_length: HDRLEN.
    """

    ip_start: int = 0
    ip_offset: int = 0
    ip_end: int = 0
    transport_start: int = 0
    transport_offset: int = 0
    transport_end: int = 0
    tcp: bool = False
    ipv4: bool = False
    payload_length: int = 0
    header_length: int = 0
    mss: int = 0


class TransmitState(DeviceState):
    """The transmit unit.

    Attributes:
        pending: what descriptors without EOP have gathered of a packet.
        overlong: the packet has grown beyond what the adapter takes and is to be dropped.
        options: POPTS of the packet's first data descriptor.
    """

    control: int = 0
    ring: Ring = msgspec.field(default_factory=Ring)
    context: TransmitContext = msgspec.field(default_factory=TransmitContext)
    pending: bytearray = msgspec.field(default_factory=bytearray)
    overlong: bool = False
    options: int = 0


class ReceiveState(DeviceState):
    """The receive unit.

    Attributes:
        addresses: RAL0, RAH0, RAL1...; multicast: MTA; vlans: VFTA.
        fifo: frames in the packet buffer, for which the ring had no descriptor.
        held: frames and packets that have not come in yet, see ``Receiver.hold``.
    """

    control: int = 0
    checksum_control: int = 0
    ring: Ring = msgspec.field(default_factory=Ring)
    addresses: list[int] = msgspec.field(default_factory=lambda: [0] * r.RA_WORDS)
    multicast: list[int] = msgspec.field(default_factory=lambda: [0] * r.MTA_WORDS)
    vlans: list[int] = msgspec.field(default_factory=lambda: [0] * r.VFTA_WORDS)
    fifo: list[bytes] = msgspec.field(default_factory=list)
    held: list[bytes] = msgspec.field(default_factory=list)


class MdioState(DeviceState):
    """The serial management interface on the pins of the 82543 (IEEE 802.3, 22.2.4.5).

    Attributes:
        frame, bits: what has been shifted in since the start of a frame.
        output: bits to be shifted out, the next one highest. output_bits: how many there are.
        pin: level of MDIO when the PHY drives it.
    """

    frame: int = 0
    bits: int = 0
    output: int = 0
    output_bits: int = 0
    pin: bool = True


class PhyState(TransceiverState):
    """The PHY (M88E1000)."""

    mdio: MdioState = msgspec.field(default_factory=MdioState)


class MicrowireState(DeviceState):
    """The serial EEPROM behind EECD.

    Attributes:
        pins: SK, CS and DI as last written. command, bits: what has been shifted in.
        output, output_bits: as in :class:`MdioState`. data_out: level of DO.
    """

    pins: int = 0
    request: bool = False
    command: int = 0
    bits: int = 0
    output: int = 0
    output_bits: int = 0
    data_out: bool = True


class E1000State(DeviceState):
    """The whole adapter.

    Attributes:
        held: registers that only keep what was written, by offset.
        statistics: counters by offset; octet counters have 64 bits at the offset of the low half.
        io_address: IOADDR, which selects the register behind IODATA.
    """

    ctrl: int = r.CTRL_FD | r.CTRL_SPEED_1000
    ctrl_ext: int = 0
    eerd: int = 0
    mdic: int = r.MDIC_READY
    icr: int = 0
    ims: int = 0
    held: dict[int, int] = msgspec.field(default_factory=lambda: dict(r.HELD_DEFAULTS))
    statistics: dict[int, int] = msgspec.field(default_factory=dict)
    io_address: int = 0
    receive: ReceiveState = msgspec.field(default_factory=ReceiveState)
    transmit: TransmitState = msgspec.field(default_factory=TransmitState)
    phy: PhyState = msgspec.field(default_factory=PhyState)
    eeprom: MicrowireState = msgspec.field(default_factory=MicrowireState)
