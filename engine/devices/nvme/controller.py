"""The NVMe controller: registers, queues, and commands under way.

Reference: NVM Express 1.2. Each I/O command is under way by itself; what orders those that overlap
is the medium's queue. A saved state has the commands that have not ended, and they are begun anew:
reading or writing the same sectors twice changes nothing. The interrupt is INTx: our PCI layer has
no MSI-X. Deviations: no events are ever reported, BAR 0 has 32 bits.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, ClassVar, Final

from engine.ata.disk import serial_number
from engine.devices.nvme import admin, identify
from engine.devices.nvme import registers as r
from engine.devices.nvme.command import Command, CommandError
from engine.devices.nvme.namespaces import Namespaces, Target
from engine.devices.nvme.state import (
    SHUTDOWN,
    CommandState,
    CompletionState,
    NvmeState,
    SubmissionState,
)
from engine.errors import ConfigurationError
from engine.pdm import (
    CommandHost,
    MediumError,
    MemoryBar,
    PciDevice,
    register,
)
from engine.pdm.device import DeviceConfig, Mmio
from engine.pdm.interfaces import BootDevice, ResetKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.pdm import Steps
    from engine.pdm.interfaces import MovedBytes

MOST_NAMESPACES: Final = 255
_MOST_IN_FLIGHT: Final = 1024
_ADMIN: Final = 0
_STATUS_PLACE: Final = 14
_KINDS: Final = ("disk", "")


class NvmeConfig(DeviceConfig, frozen=True):
    """Namespaces.

    Attributes:
        units: what each is: ``disk`` or nothing, separated by commas.
    """

    units: str = ""


@register
class Nvme(CommandHost[NvmeConfig, NvmeState], PciDevice[NvmeConfig, NvmeState]):
    """NVMe controller."""

    NAME = "nvme"
    DESCRIPTION = "NVMe controller"
    VENDOR = 0x80EE
    DEVICE = 0x4E56
    SUBSYSTEM: ClassVar[tuple[int, int]] = (VENDOR, DEVICE)
    CLASS = 0x010802
    INTERRUPT = 1
    registers_block = Mmio(None, r.REGISTERS_SIZE, sizes=(4,))
    BARS = (MemoryBar(0, "registers_block"),)

    def setup(self) -> None:
        """Find the namespaces that the configuration names."""
        super().setup()
        kinds = self.config.units.split(",") if self.config.units else []
        if len(kinds) > MOST_NAMESPACES:
            raise ConfigurationError(
                f"{self.instance_name}: {len(kinds)} units for {MOST_NAMESPACES} namespaces."
            )
        for kind in kinds:
            if kind not in _KINDS:
                raise ConfigurationError(
                    f"{self.instance_name}/units: {kind!r} is not 'disk' or empty."
                )
        connectors = [bool(kind) and self.medium(n) is not None for n, kind in enumerate(kinds)]
        self._namespaces = Namespaces(self, connectors)
        self._working = False

    # -- life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# ends everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        self.forget_tasks()
        super().reset(kind)

    def _disable(self) -> None:
        """Controller reset: everything but the place of the admin queues is as after power-on."""
        self.forget_tasks()
        old = self.state
        self.state = NvmeState(
            admin_sizes=old.admin_sizes,
            admin_submission=old.admin_submission,
            admin_completion=old.admin_completion,
            counters=old.counters,
        )
        self._update_interrupt()

    def state_loaded(self, version: int) -> None:
        """Go on where the saved controller was; what was under way is begun anew."""
        state = self.state
        if any(queue.completion not in state.completions for queue in state.submissions.values()):
            raise ConfigurationError(f"{self.instance_name}: the saved queues lead nowhere.")
        if state.submissions or state.in_flight:
            self.resumption.arm(self.now)

    def begin_anew(self) -> None:
        """See :class:`CommandHost`."""
        for number, saved in sorted(self.state.in_flight.items()):
            if number not in self.tasks:
                self._start(number, saved)
        self._work()

    # -- registers

    @registers_block.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer the controller registers; doorbells read as 0."""
        state = self.state
        mask = int(state.masked)
        values = {
            r.CAP: r.CAPABILITIES & 0xFFFF_FFFF, r.CAP_HIGH: r.CAPABILITIES >> 32,
            r.VS: r.VERSION, r.INTMS: mask, r.INTMC: mask,
            r.CC: state.configuration, r.CSTS: state.status, r.AQA: state.admin_sizes,
            r.ASQ: state.admin_submission & 0xFFFF_FFFF, r.ASQ_HIGH: state.admin_submission >> 32,
            r.ACQ: state.admin_completion & 0xFFFF_FFFF, r.ACQ_HIGH: state.admin_completion >> 32,
        }  # fmt: skip
        return values.get(offset, 0)

    @registers_block.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the controller registers and the doorbells."""
        state = self.state
        if offset >= r.DOORBELLS:
            self._ring(offset - r.DOORBELLS, value)
        elif offset == r.CC:
            self._configure(value & r.CC_WRITABLE)
        elif offset in (r.INTMS, r.INTMC):
            if value & 1:
                state.masked = offset == r.INTMS
            self._update_interrupt()
        elif offset == r.AQA:
            state.admin_sizes = value & r.AQA_WRITABLE
        elif offset in (r.ASQ, r.ASQ_HIGH):
            state.admin_submission = _half(state.admin_submission, offset == r.ASQ_HIGH, value)
        elif offset in (r.ACQ, r.ACQ_HIGH):
            state.admin_completion = _half(state.admin_completion, offset == r.ACQ_HIGH, value)

    def _configure(self, value: int) -> None:
        """CC has been written (3.1.5)."""
        was = self.state.configuration
        if was & r.CC_ENABLE and not value & r.CC_ENABLE:
            self._disable()
            was = 0
        state = self.state
        state.configuration = value
        if value & r.CC_ENABLE and not was & r.CC_ENABLE:
            self._enable()
        if not value & r.CC_SHUTDOWN:
            state.status &= ~r.CSTS_SHUTDOWN
        elif not was & r.CC_SHUTDOWN:
            state.status = state.status & ~r.CSTS_SHUTDOWN | r.CSTS_SHUTTING_DOWN
            self._admit(SHUTDOWN, bytes(r.SUBMISSION_SIZE))

    def _enable(self) -> None:
        """Make the admin queues, or refuse settings that CAP has not offered."""
        state = self.state
        sizes = [(state.admin_sizes >> shift & 0xFFF) + 1 for shift in (0, 16)]
        bases = (state.admin_submission & -r.PAGE, state.admin_completion & -r.PAGE)
        if state.configuration & r.CC_MODES or min(sizes) < 2 or not all(bases):
            self.guest_error(f"CC {state.configuration:#x}, AQA {state.admin_sizes:#x}: no start")
            state.status |= r.CSTS_FATAL
            return
        state.completions = {
            _ADMIN: CompletionState(base=bases[1], size=sizes[1], interrupt=True)
        }
        state.submissions = {
            _ADMIN: SubmissionState(base=bases[0], size=sizes[0], completion=_ADMIN)
        }
        state.status |= r.CSTS_READY

    def _update_interrupt(self) -> None:
        state = self.state
        pending = any(
            queue.interrupt and queue.head != queue.tail for queue in state.completions.values()
        )
        self.intx.set(pending and not state.masked)

    # -- queues

    def _ring(self, offset: int, value: int) -> None:
        """A doorbell: the new tail of a submission queue, or head of a completion queue."""
        number, completion = divmod(offset // 4, 2)
        state, value = self.state, value & 0xFFFF
        queues = state.completions if completion else state.submissions
        queue = queues.get(number)
        if queue is None or value >= queue.size:
            self.guest_error(f"doorbell of queue {number} with {value}, which is out of place")
        elif isinstance(queue, SubmissionState):
            queue.tail = value
            self._work()
        else:
            queue.head = value
            self._drain(queue)
            self._work()

    def _work(self) -> None:
        """Fetch commands from all queues that have some, and begin them."""
        if self._working:
            return
        self._working = True
        state = self.state
        for number, queue in list(state.submissions.items()):
            completion = state.completions[queue.completion]
            while (
                queue.head != queue.tail
                and not completion.waiting
                and len(state.in_flight) < _MOST_IN_FLIGHT
                and state.submissions.get(number) is queue
            ):
                place = queue.base + queue.head * r.SUBMISSION_SIZE
                entry = self.dma_read(place, r.SUBMISSION_SIZE)
                queue.head = (queue.head + 1) % queue.size
                if number == _ADMIN:
                    self._administer(Command(entry))
                else:
                    self._admit(number, entry)
        self._working = False
        self._update_interrupt()

    def _administer(self, command: Command) -> None:
        try:
            answer = admin.execute(self, command)
        except CommandError as error:
            self._complete(_ADMIN, command.identifier, error.status | r.DO_NOT_RETRY)
        else:
            if answer is not None:
                self._complete(_ADMIN, command.identifier, r.SUCCESS, answer)

    def _complete(self, number: int, identifier: int, status: int, answer: int = 0) -> None:
        """Put an entry into the completion queue of a submission queue (4.6)."""
        queue = self.state.submissions[number]
        completion = self.state.completions[queue.completion]
        fields = (answer, 0, queue.head, number, identifier, status << 1)
        completion.waiting.append(struct.pack("<IIHHHH", *fields))
        self._drain(completion)

    def _drain(self, queue: CompletionState) -> None:
        """Store entries that wait, as far as there is room."""
        while queue.waiting and (queue.tail + 1) % queue.size != queue.head:
            entry = bytearray(queue.waiting.pop(0))
            entry[_STATUS_PLACE] |= queue.phase
            self.dma_write(queue.base + queue.tail * r.COMPLETION_SIZE, bytes(entry))
            queue.tail = (queue.tail + 1) % queue.size
            queue.phase ^= queue.tail == 0

    # -- commands under way

    def _admit(self, queue: int, entry: bytes) -> None:
        """Begin a command of an I/O queue, or a shutdown."""
        number, self.state.next_number = self.state.next_number, self.state.next_number + 1
        saved = self.state.in_flight[number] = CommandState(queue=queue, entry=entry)
        self._start(number, saved)

    def _start(self, number: int, saved: CommandState) -> None:
        target = Target()
        shutdown = saved.queue == SHUTDOWN
        steps = self._shut_down(number, target) if shutdown else self._run(number, saved, target)
        self.start_task(number, lambda: target.lun, steps)

    def _run(self, number: int, saved: CommandState, target: Target) -> Steps:
        status = yield from self._namespaces.execute(Command(saved.entry), target)
        self._end(number, status)
        self._work()

    def _shut_down(self, number: int, target: Target) -> Steps:
        try:
            yield from self._namespaces.flush_all(target)
        except MediumError as error:
            self.log.warning("%s: what the disk holds is not durable: %s", self.NAME, error)
        self.end_task(number)
        del self.state.in_flight[number]
        self.state.status = self.state.status & ~r.CSTS_SHUTDOWN | r.CSTS_SHUT_DOWN

    def _end(self, number: int, status: int) -> None:
        self.end_task(number)
        ended = self.state.in_flight.pop(number)
        self._complete(ended.queue, ended.identifier, status)

    # -- for admin commands

    def abort(self, queue: int, identifier: int) -> bool:
        """See :class:`engine.devices.nvme.admin.Subsystem`."""
        for number, each in self.state.in_flight.items():
            if (each.queue, each.identifier) == (queue, identifier):
                self._end(number, r.ABORTED)
                return True
        return False

    def end_queue(self, queue: int) -> None:
        """See :class:`engine.devices.nvme.admin.Subsystem`."""
        for number in [n for n, each in self.state.in_flight.items() if each.queue == queue]:
            self._end(number, r.QUEUE_DELETED)

    def identity(self) -> bytes:
        """See :class:`engine.devices.nvme.admin.Subsystem`."""
        first = self._namespaces.active[0] - 1 if self._namespaces.active else 0
        serial = serial_number(self.medium(first))
        largest = self.largest_namespace()
        return identify.controller(self.VENDOR, self.SUBSYSTEM, serial, largest)

    def namespaces(self) -> Sequence[int]:
        """See :class:`engine.devices.nvme.admin.Subsystem`."""
        return self._namespaces.active

    def largest_namespace(self) -> int:
        """See :class:`engine.devices.nvme.admin.Subsystem`."""
        return max(self._namespaces.largest, 1)

    def namespace_identity(self, number: int) -> bytes:
        """See :class:`engine.devices.nvme.admin.Subsystem`."""
        return self._namespaces.identity(number)

    # -- for the firmware and the host side

    def activity(self) -> Mapping[int, MovedBytes]:
        """Return the bytes that each namespace has moved, by connector."""
        return self._namespaces.activity

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the namespaces in the firmware's naming."""
        place = f"/pci@i0cf8/pci{self.VENDOR:x},{self.DEVICE:x}@{self.slot:x}"
        return [
            BootDevice("c", f"{place}/namespace@{number:x},0") for number in self.namespaces()
        ]


def _half(value: int, high: bool, word: int) -> int:
    """Return a register of 64 bits after a write to one of its halves."""
    return value & 0xFFFF_FFFF | word << 32 if high else value >> 32 << 32 | word
