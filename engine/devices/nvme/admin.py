"""Admin commands: queues, identity, features and logs. All of them end at once.

Reference: NVM Express 1.2, 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from engine.devices.nvme import identify
from engine.devices.nvme import registers as r
from engine.devices.nvme.command import CommandError
from engine.devices.nvme.state import CompletionState, SubmissionState
from engine.pdm import BusMaster

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.devices.nvme.command import Command
    from engine.devices.nvme.state import NvmeState

MOST_QUEUES: Final = 16
"""I/O queues of each kind."""
_CONTIGUOUS, _INTERRUPT = 1, 2  # CDW11 of Create I/O Queue
_NAMESPACE, _CONTROLLER, _ACTIVE_NAMESPACES = 0, 1, 2  # CNS of Identify
_SAVE: Final = 1 << 31
_SELECTORS: Final = 0x003F_0000  # of the temperature threshold: sensor and type
_FEATURES: Final = {
    0x01: 0, 0x02: 0, r.TEMPERATURE_THRESHOLD: identify.WARNING_TEMPERATURE, 0x05: 0,
    r.VOLATILE_WRITE_CACHE: 1, r.NUMBER_OF_QUEUES: (MOST_QUEUES - 1) * 0x1_0001, 0x08: 0,
    r.INTERRUPT_VECTOR: 0, 0x0A: 0, 0x0B: 0,
}  # fmt: skip
"""Features and their defaults (figure 108)."""


class Subsystem(BusMaster, Protocol):
    """What admin commands need of the controller."""

    state: NvmeState

    def identity(self) -> bytes:
        """Return the data of Identify Controller."""

    def namespaces(self) -> Sequence[int]:
        """Return the identifiers of active namespaces, in order."""

    def largest_namespace(self) -> int:
        """Return the largest identifier that a namespace may have."""

    def namespace_identity(self, number: int) -> bytes:
        """Return the data of Identify Namespace for an active one."""

    def abort(self, queue: int, identifier: int) -> bool:
        """End a command of a submission queue that is under way; tell whether there is one."""

    def end_queue(self, queue: int) -> None:
        """End the commands of a submission queue that are under way."""


def execute(host: Subsystem, command: Command) -> int | None:
    """Run an admin command.

    Returns:
        Dword 0 of its completion; None: it waits for an event.

    Raises:
        CommandError: it ends with another status than success.
    """
    command.check()
    handler = _COMMANDS.get(command.opcode)
    if handler is None:
        raise CommandError(r.INVALID_OPCODE)
    return handler(host, command)


def volatile_cache(state: NvmeState) -> bool:
    """Whether writes may end before they are durable."""
    return bool(state.features.get(r.VOLATILE_WRITE_CACHE, 1))


# -- queues


def _new_queue(queues: Mapping[int, object], command: Command) -> tuple[int, int]:
    """Return number and size of the queue to be made."""
    number, size = command.words[0] & 0xFFFF, (command.words[0] >> 16) + 1
    if not 1 <= number <= MOST_QUEUES or number in queues:
        raise CommandError(r.INVALID_QUEUE_ID)
    if not 2 <= size <= r.MOST_ENTRIES:
        raise CommandError(r.INVALID_QUEUE_SIZE)
    if not command.words[1] & _CONTIGUOUS:
        raise CommandError(r.INVALID_FIELD)
    return number, size


def _create_completion(host: Subsystem, command: Command) -> int:
    state = host.state
    number, size = _new_queue(state.completions, command)
    if state.configuration >> 20 & 0xF != r.COMPLETION_LOG:
        raise CommandError(r.INVALID_QUEUE_SIZE)
    if command.words[1] >> 16:
        raise CommandError(r.INVALID_VECTOR)
    state.completions[number] = CompletionState(
        base=command.queue_base, size=size, interrupt=bool(command.words[1] & _INTERRUPT)
    )
    return 0


def _create_submission(host: Subsystem, command: Command) -> int:
    state = host.state
    number, size = _new_queue(state.submissions, command)
    if state.configuration >> 16 & 0xF != r.SUBMISSION_LOG:
        raise CommandError(r.INVALID_QUEUE_SIZE)
    completion = command.words[1] >> 16
    if not completion:
        raise CommandError(r.INVALID_QUEUE_ID)
    if completion not in state.completions:
        raise CommandError(r.COMPLETION_QUEUE_INVALID)
    state.submissions[number] = SubmissionState(
        base=command.queue_base, size=size, completion=completion
    )
    return 0


def _delete_submission(host: Subsystem, command: Command) -> int:
    number = command.words[0] & 0xFFFF
    if not number or number not in host.state.submissions:
        raise CommandError(r.INVALID_QUEUE_ID)
    host.end_queue(number)
    del host.state.submissions[number]
    return 0


def _delete_completion(host: Subsystem, command: Command) -> int:
    state, number = host.state, command.words[0] & 0xFFFF
    if not number or number not in state.completions:
        raise CommandError(r.INVALID_QUEUE_ID)
    if any(queue.completion == number for queue in state.submissions.values()):
        raise CommandError(r.INVALID_QUEUE_DELETION)
    del state.completions[number]
    return 0


def _abort(host: Subsystem, command: Command) -> int:
    queue, identifier = command.words[0] & 0xFFFF, command.words[0] >> 16
    return 0 if host.abort(queue, identifier) else 1


def _wait_for_event(host: Subsystem, command: Command) -> None:
    waiting = host.state.event_requests
    if len(waiting) >= identify.MOST_EVENT_REQUESTS:
        raise CommandError(r.TOO_MANY_EVENT_REQUESTS)
    waiting.append(command.identifier)


# -- identity and logs


def _answer(host: Subsystem, command: Command, data: bytes) -> int:
    command.data(len(data), host).scatter(data)
    return 0


def _identify(host: Subsystem, command: Command) -> int:
    what, number = command.words[0] & 0xFF, command.namespace
    if what == _CONTROLLER:
        return _answer(host, command, host.identity())
    if what == _ACTIVE_NAMESPACES:
        if number >= r.BROADCAST - 1:
            raise CommandError(r.INVALID_NAMESPACE)
        listed = identify.namespace_list(list(host.namespaces()), number)
        return _answer(host, command, listed)
    if what != _NAMESPACE:
        raise CommandError(r.INVALID_FIELD)
    if not 1 <= number <= host.largest_namespace():
        raise CommandError(r.INVALID_NAMESPACE)
    if number not in host.namespaces():
        return _answer(host, command, bytes(identify.IDENTIFY_SIZE))
    return _answer(host, command, host.namespace_identity(number))


def _get_log_page(host: Subsystem, command: Command) -> int:
    page = identify.log_page(command.words[0] & 0xFF, host.state.counters)
    if page is None:
        raise CommandError(r.INVALID_LOG_PAGE)
    return _answer(host, command, page[: 4 * ((command.words[0] >> 16 & 0xFFF) + 1)])


# -- features


def _feature(command: Command) -> tuple[int, int]:
    """Return where a feature is kept, and its default."""
    number = command.words[0] & 0xFF
    if number not in _FEATURES:
        raise CommandError(r.INVALID_FIELD)
    selectors = command.words[1] & _SELECTORS if number == r.TEMPERATURE_THRESHOLD else 0
    if number == r.INTERRUPT_VECTOR and command.words[1] & 0xFFFF:
        raise CommandError(r.INVALID_FIELD)  # there is one vector
    return number | selectors, 0 if selectors else _FEATURES[number]


def _get_feature(host: Subsystem, command: Command) -> int:
    key, default = _feature(command)
    if command.words[0] >> 8 & 7:  # other values than the current one
        raise CommandError(r.INVALID_FIELD)
    return host.state.features.get(key, default)


def _set_feature(host: Subsystem, command: Command) -> int:
    key, default = _feature(command)
    if command.words[0] & _SAVE:
        raise CommandError(r.NOT_SAVEABLE)
    if key != r.NUMBER_OF_QUEUES:
        host.state.features[key] = command.words[1]
        return 0
    if 0xFFFF in (command.words[1] & 0xFFFF, command.words[1] >> 16):
        raise CommandError(r.INVALID_FIELD)
    if len(host.state.completions) > 1:
        raise CommandError(r.SEQUENCE_ERROR)
    return default


_COMMANDS: Final[dict[int, Callable[[Subsystem, Command], int | None]]] = {
    r.DELETE_SQ: _delete_submission,
    r.CREATE_SQ: _create_submission,
    r.GET_LOG_PAGE: _get_log_page,
    r.DELETE_CQ: _delete_completion,
    r.CREATE_CQ: _create_completion,
    r.IDENTIFY: _identify,
    r.ABORT: _abort,
    r.SET_FEATURES: _set_feature,
    r.GET_FEATURES: _get_feature,
    r.ASYNC_EVENT_REQUEST: _wait_for_event,
}
