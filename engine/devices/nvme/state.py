"""Saved state of the controller."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.devices.nvme import registers as r
from engine.pdm.device import DeviceState

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Address = Annotated[int, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Entries = Annotated[int, msgspec.Meta(ge=2, le=4096)]
Place = Annotated[int, msgspec.Meta(ge=0, lt=4096)]
QueueId = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]

Entry = Annotated[
    bytes, msgspec.Meta(min_length=r.SUBMISSION_SIZE, max_length=r.SUBMISSION_SIZE)
]

SHUTDOWN = -1
"""The queue of what is no command: the flush that a shutdown asks for."""


class SubmissionState(msgspec.Struct, kw_only=True):
    """A submission queue; ``completion`` is where its commands end."""

    base: Address
    size: Entries
    completion: QueueId
    head: Place = 0
    tail: Place = 0


class CompletionState(msgspec.Struct, kw_only=True):
    """A completion queue.

    Attributes:
        phase: phase tag of the entries of this round.
        interrupt: entries raise the interrupt.
        waiting: entries that have found no room yet.
    """

    base: Address
    size: Entries
    head: Place = 0
    tail: Place = 0
    phase: bool = True
    interrupt: bool = False
    waiting: list[Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]] = []


class CommandState(msgspec.Struct, kw_only=True):
    """A command that is under way: a submission queue, or SHUTDOWN, and its entry there."""

    queue: Annotated[int, msgspec.Meta(ge=SHUTDOWN, lt=1 << 16)]
    entry: Entry

    @property
    def identifier(self) -> int:
        """CID."""
        return int.from_bytes(self.entry[2:4], "little")


class Counters(msgspec.Struct, kw_only=True):
    """What the SMART log tells of all namespaces together; sectors have 512 bytes."""

    reads: Count = 0
    writes: Count = 0
    sectors_read: Count = 0
    sectors_written: Count = 0


class NvmeState(DeviceState):
    """The controller.

    Attributes:
        configuration, status, admin_sizes, admin_submission, admin_completion: CC, CSTS, AQA, ASQ
            and ACQ.
        masked: the interrupt is masked (INTMS).
        in_flight: commands that have been fetched and not ended, by numbers that only go up.
        features: what the guest has set, by feature and selector.
        event_requests: identifiers of commands that wait for events.
    """

    configuration: Word = 0
    status: Word = 0
    admin_sizes: Word = 0
    admin_submission: Address = 0
    admin_completion: Address = 0
    masked: bool = False
    submissions: dict[QueueId, SubmissionState] = {}
    completions: dict[QueueId, CompletionState] = {}
    in_flight: dict[Count, CommandState] = {}
    next_number: Count = 0
    features: dict[Word, Word] = {}
    event_requests: list[QueueId] = []
    counters: Counters = msgspec.field(default_factory=Counters)
