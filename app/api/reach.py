"""Reaching the service: find it, start it when it does not run, exchange greetings."""

from __future__ import annotations

import os
import time
from typing import Final

from app.api.address import ServicePlace
from app.api.connection import open_connection
from app.api.errors import ApiError, ErrorCode
from app.api.messages import PROTOCOL_VERSION, Failure, Hello, Welcome
from app.api.transport import Channel, ChannelClosedError

FORWARDED_VARIABLES: Final = (
    "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "LANG", "LANGUAGE", "WAYLAND_DISPLAY", "XAUTHORITY",
    "XDG_CURRENT_DESKTOP", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XCURSOR_SIZE", "XCURSOR_THEME",
)  # fmt: skip
FORWARDED_PREFIXES: Final = ("LC_", "QT_", "PULSE_", "PIPEWIRE_")
"""What a VM process needs to appear on the desktop of the client that started it."""


def forwarded_environment(environment: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """The part of ``environment`` that VM processes started for this client get."""
    return {
        name: value
        for name, value in environment.items()
        if name in FORWARDED_VARIABLES or name.startswith(FORWARDED_PREFIXES)
    }


def open_channel(
    place: ServicePlace, client_name: str, timeout: float
) -> tuple[Channel, Welcome] | None:
    """Channel to the running service after the exchange of greetings; None when there is none.

    Raises:
        ApiError: A service answered and refused, or took longer than ``timeout`` seconds.
    """
    address = place.read()
    if address is None:
        return None
    try:
        connection = open_connection(address.address, address.family)
    except OSError:
        return None
    channel = Channel(connection, f"api-{client_name}")
    hello = Hello(
        protocol=PROTOCOL_VERSION,
        token=address.token,
        client_name=client_name,
        pid=os.getpid(),
        environment=forwarded_environment(os.environ),
    )
    channel.send(hello)
    try:
        answer = channel.receive() if connection.poll(timeout) else None
    except (ChannelClosedError, OSError):
        # It was about to leave when we came; the next one will do.
        channel.dispose()
        return None
    if isinstance(answer, Welcome):
        return channel, answer
    channel.dispose()
    if answer is None:
        raise _no_answer(place, timeout)
    if isinstance(answer, Failure):
        raise answer.to_error()
    raise ApiError(ErrorCode.E_UNEXPECTED, "The service sent no greeting.", "transport")


def reach_service(
    place: ServicePlace, client_name: str, *, start: bool, timeout: float
) -> tuple[Channel, Welcome]:
    """Connect to the service, starting it when ``start`` and none runs.

    Args:
        place: Which service.
        client_name: Who connects.
        start: Start the service when it does not run.
        timeout: Seconds for all of it.

    Raises:
        ApiError: ``NS_ERROR_CALL_FAILED`` (does not run, did not start: tells why),
            ``VBOX_E_TIMEOUT``.
    """
    deadline = time.monotonic() + timeout
    if not start:
        found = open_channel(place, client_name, timeout)
        if found is None:
            raise ApiError(
                ErrorCode.NS_ERROR_CALL_FAILED,
                f"The Vitrine service for '{place.home}' is not running.",
                "transport",
            )
        return found
    while True:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise _no_answer(place, timeout)
        found = open_channel(place, client_name, remaining)
        if found is not None:
            return found
        # Most clients find the service running and never need this.
        from app.api.starter import start_unless_others_do

        start_unless_others_do(place, max(0.0, deadline - time.monotonic()))


def _no_answer(place: ServicePlace, timeout: float) -> ApiError:
    return ApiError(
        ErrorCode.VBOX_E_TIMEOUT,
        f"The Vitrine service for '{place.home}' did not answer within {timeout:.1f} s; "
        "its log file is VBoxSVC.log there.",
        "transport",
    )
