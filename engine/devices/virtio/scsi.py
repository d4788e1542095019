"""virtio-scsi: a SCSI host with one unit at each of its targets.

Reference: virtio 1.2, 5.6. Deviation: no hot plug events.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import msgspec

from engine.devices.virtio import registers as r
from engine.devices.virtio.requests import RequestDevice
from engine.devices.virtio.rings import RingError
from engine.devices.virtio.state import VirtioState
from engine.pdm import MemoryBar, register
from engine.pdm.device import DeviceConfig
from engine.pdm.interfaces import ResetKind
from engine.scsi import ScsiHostDevice, UnitState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.devices.virtio.rings import Chain
    from engine.pdm import Buffers, Steps
    from engine.pdm.interfaces import BootDevice
    from engine.scsi import ScsiUnit

MOST_TARGETS: Final = 256
CONTROL, EVENT, REQUEST = 0, 1, 2
_SEGMENTS: Final = 254  # parts of a request's data; with both headers a queue is full
_MOST_SECTORS, _COMMANDS_PER_UNIT, _EVENT_SIZE = 0x8000, 64, 16
_SENSE_SIZE, _CDB_SIZE = 96, 32
_REQUEST_HEAD: Final = 19
_RESPONSE = struct.Struct("<IIHBB")
_SHORTEST_CDB: Final = 16

# Responses (5.6.6.1 and 5.6.6.2).
OK, ABORTED, BAD_TARGET, RESET = 0, 2, 3, 4
FUNCTION_COMPLETE, FUNCTION_REJECTED = 0, 11
_TASK_MANAGEMENT, _NOTIFICATION_QUERY, _NOTIFICATION_SUBSCRIBE = 0, 1, 2
_ABORTS: Final = {0: ABORTED, 1: ABORTED, 3: ABORTED, 4: RESET, 5: RESET}
"""Task management functions that end requests, and how: 0 ends one, the others all of a target."""
_ABORT_TASK: Final = 0


class VirtioScsiConfig(DeviceConfig, frozen=True):
    """Targets.

    Attributes:
        units: what each has: ``disk``, ``cdrom`` or nothing, separated by commas.
    """

    units: str = ""


class VirtioScsiState(VirtioState):
    """The host; ``units`` by target."""

    units: dict[Annotated[int, msgspec.Meta(ge=0, lt=MOST_TARGETS)], UnitState] = {}


class _Request:
    """A request that is under way.

    Attributes:
        tag: by which task management names it.
    """

    def __init__(self, chain: Chain, unit: ScsiUnit, tag: bytes) -> None:
        self.chain = chain
        self.unit = unit
        self.tag = tag


class _Transfer:
    """The data of a request, behind its header and its response."""

    def __init__(self, chain: Chain) -> None:
        self._in, self._out = chain.writable, chain.readable
        self.size = max(0, self._in.size - _RESPONSE.size - _SENSE_SIZE)
        self._sent = self._out.moved
        self.size += self._out.size - self._sent
        self._in.moved = _RESPONSE.size + _SENSE_SIZE

    @property
    def landing(self) -> Buffers:
        """See :class:`engine.scsi.DataPhase`."""
        return self._in

    def scatter(self, data: memoryview) -> int:
        """See :class:`engine.scsi.DataPhase`."""
        return self._in.scatter(data)

    def gather(self, count: int) -> bytes:
        """See :class:`engine.scsi.DataPhase`."""
        return self._out.gather(count)

    @property
    def moved(self) -> int:
        """Bytes of data moved in both directions."""
        return self._in.moved - _RESPONSE.size - _SENSE_SIZE + self._out.moved - self._sent


@register
class VirtioScsi(
    ScsiHostDevice[VirtioScsiConfig, VirtioScsiState],
    RequestDevice[VirtioScsiConfig, VirtioScsiState],
):
    """Virtio SCSI host."""

    NAME = "virtio-scsi"
    DESCRIPTION = "Virtio SCSI host"
    DEVICE = r.MODERN + r.SCSI_HOST
    SUBSYSTEM = (r.VENDOR, r.MODERN + r.SCSI_HOST)
    CLASS = 0x010000
    QUEUE_SIZES: ClassVar[tuple[int, ...]] = (64, 64, 256)
    REQUESTS = REQUEST
    BARS = (MemoryBar(r.BAR, "register_space"),)

    def setup(self) -> None:
        """Make the units that the configuration names."""
        self.make_units(self.config.units, MOST_TARGETS)
        self._requests: dict[int, _Request] = {}
        super().setup()

    # -- life

    def reset(self, kind: ResetKind) -> None:
        """A reset of the bus resets the units, too."""
        super().reset(kind)
        if kind is not ResetKind.SOFT:
            self.bind_units(self.state.units)

    def _restart(self) -> None:
        super()._restart()
        self.bind_units(self.state.units)

    def state_loaded(self, version: int) -> None:
        """Go on where the saved host was; what was under way is begun anew when the VM runs."""
        super().state_loaded(version)
        self.bind_units(self.state.units)

    def stop(self) -> None:
        """Forget what is under way."""
        super().stop()
        self._requests.clear()

    # -- configuration

    def device_config(self) -> bytes:
        """See 5.6.4."""
        return struct.pack(
            "<IIIIIIIHHI", 1, _SEGMENTS, _MOST_SECTORS, _COMMANDS_PER_UNIT, _EVENT_SIZE,
            _SENSE_SIZE, _CDB_SIZE, 0, MOST_TARGETS - 1, 0,
        )  # fmt: skip

    def device_config_written(self, offset: int, value: int) -> None:
        """Drivers write back the sizes of sense data and commands, which are what they are."""

    # -- queues

    def process(self, index: int) -> None:
        """See :meth:`VirtioDevice.process`."""
        if index == EVENT:
            return  # its buffers wait for events, of which there are none
        super().process(index)

    def _unit(self, address: bytes) -> ScsiUnit | None:
        """Return the unit of an address (5.6.6.1), or None."""
        if len(address) < 4 or address[0] != 1 or int.from_bytes(address[2:4]) & 0x3FFF:
            return None
        return self.units.get(address[1])

    def begin(self, chain: Chain) -> None:
        """See :meth:`RequestDevice.begin`."""
        head = chain.readable.gather(_REQUEST_HEAD + _CDB_SIZE)
        if len(head) < _REQUEST_HEAD + _SHORTEST_CDB:
            raise RingError(f"a request of {len(head)} bytes")
        if chain.writable.size < _RESPONSE.size + _SENSE_SIZE:
            raise RingError(f"room for a response of {chain.writable.size} bytes")
        unit = self._unit(head[:8])
        if unit is None:
            self._respond(chain, BAD_TARGET)
            return
        request = _Request(chain, unit, head[8:16])
        if chain.head not in self.tasks:  # otherwise it is refused
            self._requests[chain.head] = request
        self.start(chain, unit.lun, self._run(request, head[_REQUEST_HEAD:]))

    def _run(self, request: _Request, cdb: bytes) -> Steps:
        transfer = _Transfer(request.chain)
        outcome = yield from request.unit.execute(cdb, transfer)
        residue = transfer.size - transfer.moved
        self._respond(request.chain, OK, outcome.status, outcome.sense, residue, transfer.moved)

    def _respond(
        self,
        chain: Chain,
        response: int,
        status: int = 0,
        sense: bytes = b"",
        residue: int = 0,
        moved: int = 0,
    ) -> None:
        chain.writable.moved = 0
        answer = _RESPONSE.pack(len(sense), residue, 0, status, response)
        chain.writable.scatter(answer + sense.ljust(_SENSE_SIZE, b"\0"))
        self._requests.pop(chain.head, None)
        self.complete(chain, len(answer) + _SENSE_SIZE + moved)

    # -- task management

    def control(self, chain: Chain) -> None:
        """Carry out a request of the control queue (5.6.6.2)."""
        request = chain.readable.gather(24)
        kind = int.from_bytes(request[:4], "little")
        if kind == _TASK_MANAGEMENT and len(request) == 24:
            answer = bytes([self._manage(request)])
        elif kind in (_NOTIFICATION_QUERY, _NOTIFICATION_SUBSCRIBE):
            answer = struct.pack("<IB", 0, OK)  # no events
        else:
            answer = bytes([FUNCTION_REJECTED])
        self.queues[CONTROL].push(chain, chain.writable.scatter(answer))

    def _manage(self, request: bytes) -> int:
        function = int.from_bytes(request[4:8], "little")
        unit = self._unit(request[8:16])
        if unit is None:
            return BAD_TARGET
        how = _ABORTS.get(function)
        if how is None:
            return FUNCTION_REJECTED
        for each in list(self._requests.values()):
            named = function != _ABORT_TASK or each.tag == request[16:24]
            if each.unit is unit and named:
                self._respond(each.chain, how)
        self.finish(REQUEST)
        return FUNCTION_COMPLETE

    # -- for the firmware

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the units in the firmware's naming."""
        return self.bootable_units(self.slot)
