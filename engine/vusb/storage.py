"""USB mass storage: a disk or an optical drive behind the bulk-only transport.

References: Universal Serial Bus Mass Storage Class, Bulk-Only Transport 1.0; Mass Storage Class
Specification Overview 1.2 (SCSI transparent command set).

A host that asks for more than a command has to tell gets zeros up to the length that it has
announced (6.7.2), which saves it a stalled pipe; the residue of the status tells how much counts.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.scsi import ScsiDisk, ScsiOptical
from engine.vusb import descriptors as d
from engine.vusb.bridge import AHEAD, BLOCK_SIZE, Bridge, BridgeState
from engine.vusb.descriptors import Description, Endpoint, Interface, Speed
from engine.vusb.device import DeviceState, Handshake, Setup, UsbDevice

if TYPE_CHECKING:
    from engine.ata.drive import Activity, DriveHost

CLASS_CODE: Final = (0x08, 0x06, 0x50)
BULK_IN, BULK_OUT = 0x81, 0x02
BULK_PACKET: Final = {Speed.FULL: 64, Speed.HIGH: 512}
RESET, GET_MAX_LUN = (0x21, 0xFF), (0xA1, 0xFE)

COMMAND_SIGNATURE, STATUS_SIGNATURE = b"USBC", b"USBS"
COMMAND: Final = struct.Struct("<4sIIBBB16s")
PASSED, FAILED, PHASE_ERROR = 0, 1, 2
# Phases: for a command, data to the host, data from the host, for fetching the status.
AWAIT_COMMAND, DATA_IN, DATA_OUT, STATUS = range(4)

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class StorageState(DeviceState, kw_only=True, tag="storage"):
    """State of a mass storage device.

    Attributes:
        phase: of the transport.
        command_tag: by which the host knows the command in progress.
        left: bytes that the host still has to move. residue: those that had no meaning.
        mismatch: host and unit do not agree about the data of the command.
        broken: a command block made no sense; only a reset helps (BOT 1.0, 6.6.1).
        bridge: those of the logical unit, and the data of the command.
    """

    phase: Annotated[int, msgspec.Meta(ge=0, le=STATUS)] = AWAIT_COMMAND
    command_tag: Word = 0
    left: Word = 0
    residue: Word = 0
    mismatch: bool = False
    broken: bool = False
    bridge: BridgeState = msgspec.field(default_factory=BridgeState)


class UsbStorage(UsbDevice[StorageState]):
    """A mass storage device with one logical unit.

    Args:
        lun: connector of its medium, and the port.
        host: the controller.
        optical: it is an optical drive.

    Attributes:
        bridge: to the logical unit.
    """

    def __init__(self, lun: int, host: DriveHost, *, optical: bool, speed: Speed) -> None:
        self._lun, self._optical = lun, optical
        super().__init__(self._describe(speed), StorageState(), speed=speed)
        self._busy = False  # a transaction is going on: nobody has to be told that there is news
        unit = (ScsiOptical if optical else ScsiDisk)(lun, host, queued=False)
        self.bridge = Bridge(unit, host, moved=self._unit_moved)
        self.bridge.bind(self.state.bridge)

    def _describe(self, speed: Speed) -> Description:
        endpoints = tuple(
            Endpoint(address=address, kind=d.BULK, max_packet=BULK_PACKET[speed])
            for address in (BULK_IN, BULK_OUT)
        )
        return Description(
            usb_version=0x0200 if speed is Speed.HIGH else 0x0110,
            product_id=0x0031 if self._optical else 0x0030,
            product="USB CD-ROM" if self._optical else "USB Hard Disk",
            serial=f"{self._lun:012X}",
            interfaces=(Interface(code=CLASS_CODE, endpoints=endpoints),),
            max_packet=64,
            attributes=d.SELF_POWERED,
        )

    def signal_at(self, speed: Speed) -> bool:
        """Work at the speed of the port, whichever it is."""
        self.speed = speed
        self.description = self._describe(speed)
        return True

    @property
    def activity(self) -> Activity:
        """Bytes moved since power-on."""
        return self.bridge.unit.activity

    def _unit_moved(self) -> None:
        if not self._busy:
            self.ready()

    # -- life

    def load(self, state: StorageState) -> None:
        """Go on from a saved state."""
        super().load(state)
        self.bridge.bind(state.bridge)

    def was_reset(self) -> None:
        """Forget the command in progress."""
        self.state.broken = False
        self._forget()

    def _forget(self) -> None:
        state = self.state
        busy, self._busy = self._busy, True
        self.bridge.cancel()
        self._busy = busy
        state.bridge.outgoing.clear()
        state.bridge.incoming.clear()
        state.phase, state.left, state.residue, state.mismatch = AWAIT_COMMAND, 0, 0, False

    def halt_cleared(self, address: int) -> None:
        """After a command that made no sense the endpoints stay halted until a reset."""
        if self.state.broken:
            self.halt(address)

    def class_request(self, setup: Setup, data: bytes) -> bytes | None:
        """Answer the requests of the transport (BOT 1.0, 3)."""
        if setup.code == RESET and not setup.length:
            self.state.broken = False
            self._forget()
            return b""
        return b"\0" if setup.code == GET_MAX_LUN else None

    # -- transactions

    def endpoint_out(self, number: int, data: bytes) -> Handshake:
        """Take a command, or data of one."""
        self._busy = True
        try:
            if self.state.phase == AWAIT_COMMAND:
                return self._command(data)
            if self.state.phase == DATA_OUT:
                return self._take(data)
            return self.halt(BULK_OUT)
        finally:
            self._busy = False

    def endpoint_in(self, number: int, room: int) -> bytes | Handshake:
        """Send data, or the status; NAK while the medium is waited for."""
        self._busy = True
        try:
            if self.state.phase == DATA_IN:
                return self._send(room)
            return self._status() if self.state.phase == STATUS else Handshake.NAK
        finally:
            self._busy = False

    def _command(self, packet: bytes) -> Handshake:
        """Take a command block wrapper (5.1); anything else halts both pipes (6.6.1)."""
        state = self.state
        fields = COMMAND.unpack(packet) if len(packet) == COMMAND.size else (b"",) * 7
        signature, tag, length, flags, lun, size, block = fields
        if signature != COMMAND_SIGNATURE or lun != 0 or not 1 <= size <= BLOCK_SIZE:
            state.broken = True
            self.halt(BULK_IN)
            return self.halt(BULK_OUT)
        self._forget()
        state.command_tag, state.left, state.residue = tag, length, length
        if not length:
            state.phase = STATUS
        else:
            state.phase = DATA_IN if flags & d.DIRECTION_IN else DATA_OUT
        self.bridge.begin(block[:size].ljust(BLOCK_SIZE, b"\0"))
        return Handshake.ACK

    def _send(self, room: int) -> bytes | Handshake:
        state, bridge, outgoing = self.state, self.bridge, self.state.bridge.outgoing
        size = min(room, state.left, AHEAD)
        # A packet that is not full would end the transfer.
        while len(outgoing) < size and bridge.running:
            if bridge.wanted:
                self._disagree()
                break
            if not bridge.waiting:
                bridge.go_on()
            if bridge.waiting:
                return Handshake.NAK
        data = bytes(outgoing[:size])
        del outgoing[: len(data)]
        state.left -= size
        state.residue -= len(data)
        if not state.left:
            state.phase = STATUS
        return data.ljust(size, b"\0")

    def _take(self, data: bytes) -> Handshake:
        state, bridge = self.state, self.bridge
        if not bridge.waiting and bridge.running and not bridge.wanted:
            bridge.go_on()
        if bridge.waiting:
            return Handshake.NAK
        part = data[: min(bridge.wanted, state.left)]
        state.bridge.incoming += part
        state.residue -= len(part)
        state.left -= min(len(data), state.left)
        if part:
            bridge.go_on()
        if not state.left:
            state.phase = STATUS
        return Handshake.ACK

    def _status(self) -> bytes | Handshake:
        """Return the command status wrapper (5.2) once the command has ended."""
        state, bridge = self.state, self.bridge
        while bridge.running:
            if not bridge.waiting and (state.bridge.outgoing or bridge.wanted):
                break
            if not bridge.waiting:
                bridge.go_on()
            if bridge.waiting:
                return Handshake.NAK
        if bridge.running or state.bridge.outgoing:
            self._disagree()
        outcome = PHASE_ERROR if state.mismatch else FAILED if state.bridge.failed else PASSED
        answer = struct.pack("<4sIIB", STATUS_SIGNATURE, state.command_tag, state.residue, outcome)
        self._forget()
        return answer

    def _disagree(self) -> None:
        """Give up a command whose data are not those that the host has announced (6.7)."""
        self.bridge.cancel()
        self.state.bridge.outgoing.clear()
        self.state.mismatch = True
