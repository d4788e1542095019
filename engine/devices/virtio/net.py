"""virtio-net: the paravirtualized network adapter; transitional.

Reference: virtio 1.2, 5.1. Packets of TCP go both ways whole where the cable takes and gives them;
else what the driver leaves to the adapter is cut and summed up here. Not there: several pairs of
queues, filters for VLANs, announcements.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import msgspec

from engine.devices.virtio import registers as r
from engine.devices.virtio.legacy import TransitionalDevice
from engine.devices.virtio.offload import (
    HEADER,
    NO_OFFLOADS,
    OffloadError,
    frames,
    is_packet,
    packet_header,
)
from engine.devices.virtio.state import VirtioState
from engine.pdm import AdapterConfig, NetworkHost, RomBar, register, timer
from engine.pdm.networkhost import MAC_BYTES, WAITING_FRAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.devices.virtio.rings import Chain

RECEIVE, TRANSMIT, CONTROL = 0, 1, 2
F_CSUM, F_GUEST_CSUM, F_MAC, F_GUEST_TSO4 = 1 << 0, 1 << 1, 1 << 5, 1 << 7
F_HOST_TSO4, F_HOST_TSO6 = 1 << 11, 1 << 12
F_HOST_ECN, F_MRG_RXBUF, F_STATUS, F_CTRL_VQ = 1 << 13, 1 << 15, 1 << 16, 1 << 17
F_CTRL_RX, F_CTRL_MAC_ADDR = 1 << 18, 1 << 23
_LINK_UP: Final = 1
# Class and command (5.1.6.5).
_RX_PROMISCUOUS, _RX_ALL_MULTICAST, _MAC_TABLE, _MAC_ADDRESS = b"\0\0", b"\0\1", b"\1\0", b"\1\1"
_ACK_OK, _ACK_ERROR = 0, 1
_MOST_CONTROL: Final = 4096  # bytes of a command
MOST_ADDRESSES: Final = 64
"""Addresses in the filter's tables; with more of them everything is received."""

LONGEST_PACKET: Final = 0x10000 + 128  # bytes before segmentation
_SHORTEST_FRAME: Final = 14
BURST_FRAMES: Final = 256
"""Packets of one call before the processor runs on."""

Address = Annotated[bytes, msgspec.Meta(min_length=MAC_BYTES, max_length=MAC_BYTES)]


class VirtioNetState(VirtioState):
    """The adapter.

    Attributes:
        mac: its address; empty: that of the configuration.
        addresses: others that it listens to.
        fifo: frames for which the driver has had no buffers.
    """

    mac: Annotated[bytes, msgspec.Meta(max_length=MAC_BYTES)] = b""
    promiscuous: bool = True
    all_multicast: bool = False
    addresses: list[Address] = []
    fifo: list[bytes] = []


@register
class VirtioNet(
    NetworkHost[AdapterConfig, VirtioNetState], TransitionalDevice[AdapterConfig, VirtioNetState]
):
    """An adapter."""

    NAME = "virtio-net"
    DESCRIPTION = "Virtio network adapter"
    DEVICE = r.TRANSITIONAL_NETWORK
    SUBSYSTEM = (r.VENDOR, r.NETWORK)
    CLASS = 0x020000
    FEATURES = (
        F_CSUM | F_GUEST_CSUM | F_MAC | F_GUEST_TSO4 | F_HOST_TSO4 | F_HOST_TSO6 | F_HOST_ECN
        | F_MRG_RXBUF | F_STATUS | F_CTRL_VQ | F_CTRL_RX | F_CTRL_MAC_ADDR
    )  # fmt: skip
    QUEUE_SIZES: ClassVar[tuple[int, ...]] = (256, 256, 64)
    BARS = (*TransitionalDevice.BARS, RomBar("option_rom"))

    def setup(self) -> None:
        """Listen to the cable, and fill the ROM."""
        super().setup()
        self.load_boot_rom(self.VENDOR, self.DEVICE)

    # -- life

    def stop(self) -> None:
        """Forget frames that wait."""
        self.state.fifo.clear()
        self.forget_waiting()
        self.transmission.cancel()

    def state_loaded(self, version: int) -> None:
        """Go on where the saved adapter was; the cable is that of this machine."""
        super().state_loaded(version)
        self.transmission.arm(self.now)
        self.config_changed()

    # -- link

    def link_changed(self) -> None:
        """The driver finds the link's state in the device configuration."""
        self.config_changed()

    # -- configuration

    @property
    def _address(self) -> bytes:
        return self.state.mac if len(self.state.mac) == MAC_BYTES else self.mac

    def device_config(self) -> bytes:
        """See 5.1.4."""
        return self._address + struct.pack("<H", _LINK_UP if self.plugged else 0)

    def device_config_written(self, offset: int, value: int) -> None:
        """Legacy drivers write their address."""
        if offset < MAC_BYTES and not self.modern:
            address = bytearray(self._address)
            address[offset] = value
            self.state.mac = bytes(address)

    # -- frames from the host side

    def listens(self) -> bool:
        """The driver has made its queue."""
        return self.carrier and self.running(RECEIVE)

    def takes_packets(self) -> bool:
        """The driver has buffers for them, and completes what it passes on."""
        return self.accepted(F_GUEST_TSO4)

    def frames_arrived(self, frames: Iterable[bytes]) -> None:
        """Take those that the driver wants to have."""
        fifo = self.state.fifo
        for frame in frames:
            if self._accepts(frame[:MAC_BYTES]) and len(fifo) < WAITING_FRAMES:
                fifo.append(frame)
        self.run(RECEIVE)

    def _accepts(self, address: bytes) -> bool:
        state = self.state
        if state.promiscuous or address == self._address or address == b"\xff" * MAC_BYTES:
            return True
        return bool(state.all_multicast and address[0] & 1) or address in state.addresses

    @property
    def _header_size(self) -> int:
        long = self.modern or self.accepted(F_MRG_RXBUF)
        return HEADER.size + 2 if long else HEADER.size

    def _fill(self) -> None:
        """Put frames into the driver's buffers."""
        fifo = self.state.fifo
        done = 0
        while done < len(fifo) and self._store(fifo[done]):
            done += 1
        del fifo[:done]

    def _store(self, frame: bytes) -> bool:
        """Fill buffers with a frame; tell whether there were enough of them."""
        queue = self.queues[RECEIVE]
        size = self._header_size
        wanted = size + len(frame)
        chains: list[Chain] = []
        room = 0
        while room < wanted and (not chains or self.accepted(F_MRG_RXBUF)):
            chain = queue.pop()
            if chain is None:
                if not queue.rearm():
                    for taken in reversed(chains):
                        queue.unpop(taken)
                    return False
                continue
            chains.append(chain)
            room += chain.writable.size
        if room < wanted:
            self.guest_error(f"a buffer of {room} bytes for a frame of {len(frame)}")
            queue.push(chains[0], 0)
            return True
        offloads = packet_header(frame) if self.gets_packets else NO_OFFLOADS
        header = offloads + struct.pack("<H", len(chains))
        data = memoryview(header[:size] + frame)
        done = 0
        for chain in chains:
            stored = chain.writable.scatter(data[done:])
            queue.push(chain, stored)
            done += stored
        return True

    # -- frames from the guest

    @timer
    def transmission(self) -> None:
        """Go on with a ring that was too long for one burst."""
        self.run(TRANSMIT)

    def _transmit(self) -> None:
        queue = self.queues[TRANSMIT]
        for _ in range(BURST_FRAMES):
            chain = queue.pop()
            if chain is None and queue.rearm():
                chain = queue.pop()
            if chain is None:
                return
            self._send(chain)
            queue.push(chain, 0)
        self.transmission.arm(self.now)

    def _send(self, chain: Chain) -> None:
        header = chain.readable.gather(self._header_size)
        length = chain.readable.size - len(header)
        if not _SHORTEST_FRAME <= length <= LONGEST_PACKET:
            self.guest_error(f"packet of {length} bytes")
            return
        packet = bytearray(chain.readable.gather(length))
        if is_packet(header, packet) and self.transmit_packet(bytes(packet)):
            return
        try:
            for frame in frames(header, packet):
                self.transmit(frame)
        except OffloadError as error:
            self.guest_error(f"packet with {error}")

    # -- queues

    def process(self, index: int) -> None:
        """See :meth:`VirtioDevice.process`."""
        if index == RECEIVE:
            self._fill()
        elif index == TRANSMIT:
            self._transmit()
        else:
            self._obey()
        self.finish(index)

    def _obey(self) -> None:
        """Carry out the commands of the control queue."""
        queue = self.queues[CONTROL]
        for _ in range(self.QUEUE_SIZES[CONTROL]):
            chain = queue.pop()
            if chain is None:
                if not queue.rearm():
                    return
                continue
            command = chain.readable.gather(_MOST_CONTROL)
            answer = _ACK_OK if self._command(command[:2], command[2:]) else _ACK_ERROR
            queue.push(chain, chain.writable.scatter(bytes([answer])))

    def _command(self, code: bytes, data: bytes) -> bool:
        """Obey a command; tell whether it could be (5.1.6.5)."""
        state = self.state
        if code == _MAC_TABLE:
            return self._set_table(data)
        if code == _RX_PROMISCUOUS and data:
            state.promiscuous = bool(data[0])
        elif code == _RX_ALL_MULTICAST and data:
            state.all_multicast = bool(data[0])
        elif code == _MAC_ADDRESS and len(data) >= MAC_BYTES:
            state.mac = data[:MAC_BYTES]
        else:
            return False
        return True

    def _set_table(self, data: bytes) -> bool:
        """Take both tables of addresses: unicast and multicast."""
        found: list[bytes] = []
        for _ in range(2):
            count = int.from_bytes(data[:4], "little")
            if len(data) < 4 + count * MAC_BYTES:
                return False
            found += [data[4 + n : 10 + n] for n in range(0, count * MAC_BYTES, MAC_BYTES)]
            data = data[4 + count * MAC_BYTES :]
        state = self.state
        if len(found) > MOST_ADDRESSES:
            state.promiscuous = True
            return True
        state.addresses = found
        return True
