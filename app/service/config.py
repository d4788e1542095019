"""Delays and limits of the service, and the environment variables that change them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

import msgspec

from app.api.errors import ApiError, ErrorCode


class ServiceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What may differ between installations and tests; all times in seconds.

    Attributes:
        idle_seconds: How long the service stays after its last client (``VITRINE_SVC_IDLE``).
        attach_seconds: How long a VM process may take from its start to its attach, and again
            from there to its first state (``VITRINE_SVC_ATTACH``).
        console_seconds: How long a VM process may take to answer (``VITRINE_SVC_CONSOLE``).
        greeting_seconds: How long a connection may stay without a greeting.
        vm_command: Program of VM processes instead of those of the front ends;
            ``--startvm <uuid>`` is appended (``VITRINE_SVC_VM_COMMAND``, split as a shell does).
        max_clients: Connections at one time.
        max_worker_calls: Long calls of one client at one time.
    """

    idle_seconds: float = 5.0
    attach_seconds: float = 60.0
    console_seconds: float = 10.0
    greeting_seconds: float = 5.0
    vm_command: tuple[str, ...] = ()
    max_clients: int = 256
    max_worker_calls: int = 32

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ServiceConfig:
        """Configuration with what the environment overrides.

        Raises:
            ApiError: ``E_INVALIDARG``: a variable is not a number of seconds, or no command.
        """
        defaults = cls()
        command = environment.get("VITRINE_SVC_VM_COMMAND", "")
        try:
            return cls(
                idle_seconds=_seconds(environment, "VITRINE_SVC_IDLE", defaults.idle_seconds),
                attach_seconds=_seconds(environment, "VITRINE_SVC_ATTACH", defaults.attach_seconds),
                console_seconds=_seconds(
                    environment, "VITRINE_SVC_CONSOLE", defaults.console_seconds
                ),
                vm_command=tuple(shlex.split(command)) or defaults.vm_command,
            )
        except ValueError as error:
            raise ApiError(ErrorCode.E_INVALIDARG, f"{error}.", "service") from error


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        raise ValueError(f"{name} must be seconds from 0 to 86400, not {text!r}")
    return seconds
