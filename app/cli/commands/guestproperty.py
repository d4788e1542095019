"""``guestproperty``: texts that the guest and the host of a machine tell each other."""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import EXIT_OK, EXIT_SYNTAX, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import number

if TYPE_CHECKING:
    from app.api.events import Event, GuestPropertyChanged
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import GuestProperty

_MAX_NAME_WIDTH: Final = 48
_MAX_VALUE_WIDTH: Final = 28
_NANOSECONDS: Final = 1_000_000_000

_VERBOSE: Final = Option(("--verbose", "-verbose", "-v"), help="Also print time stamp and flags.")
_FLAGS: Final = Option(
    ("--flags", "-flags"), "flags",
    "TRANSIENT, TRANSRESET, RDONLYGUEST, RDONLYHOST, READONLY, separated by commas.",
)  # fmt: skip
_ENUMERATE: Final = (
    Option(("--old-format", "-o"), help="One line of words for each property."),
    Option(("--sort", "-s"), help="Sort by name, which is the default."),
    Option(("--unsort", "-u"), help="Keep the order of the store."),
    Option(("--timestamp", "--ts", "-t"), help="Print time stamps, which is the default."),
    Option(("--no-timestamp", "--no-ts", "-T"), help="Print no time stamps."),
    Option(("--absolute", "--abs", "-a"), help="Print points of time, which is the default."),
    Option(("--relative", "--rel", "-r"), help="Print how long ago."),
    Option(("--flags", "-f"), help="Print flags, which is the default."),
    Option(("--no-flags", "-F"), help="Print no flags."),
    Option(("--patterns", "-patterns", "-p"), "pattern", "Print those that match."),
)
_WAIT: Final = (
    Option(("--timeout", "-timeout"), "milliseconds", "How long to wait; default: for ever."),
    Option(("--fail-on-timeout",), help="Return an error when the time is over."),
)

_guestproperty: Final = Subcommands()


@command(
    "guestproperty",
    "Read and change guest properties, or wait for a change.",
    usage=(
        "guestproperty get <uuid | vmname> <property-name> [--verbose]",
        ("guestproperty enumerate <uuid | vmname> [--no-timestamp] [--no-flags] [--relative] "
        "[--old-format] [<patterns>...]"),
        "guestproperty set <uuid | vmname> <property-name> [<value> [--flags=<flags>]]",
        "guestproperty unset <uuid | vmname> <property-name>",
        ("guestproperty wait <uuid | vmname> <patterns> [--timeout=<milliseconds>] "
        "[--fail-on-timeout]"),
    ),
    options=(_VERBOSE, *_ENUMERATE, *_WAIT),
    raw=True,
)
def guestproperty(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    return _guestproperty.run(context, arguments)


@_guestproperty.add("get", options=[_VERBOSE])
def _get(context: Context, arguments: Arguments) -> None:
    machine_id = _machine(context, arguments)
    name = arguments.word(1, "property name")
    arguments.at_most(2)
    found = context.client.guest_properties(machine_id).get(name)
    if found is None:
        print("No value set!")
        return
    print(f"Value: {found.value}")
    if arguments.has("verbose"):
        print(f"Timestamp: {found.timestamp} ns")
        print(f"Flags: {found.flags}")


@_guestproperty.add("set", options=[_FLAGS])
def _set(context: Context, arguments: Arguments) -> None:
    name = arguments.word(1, "property name")
    arguments.at_most(3)
    properties = context.client.guest_properties(_machine(context, arguments))
    if len(arguments.words) < 3:
        if arguments.has("flags"):
            raise UsageError("--flags needs a value")
        properties.delete(name)
        return
    properties.set(name, arguments.words[2], arguments.get("flags"))


@_guestproperty.add("unset", "delete")
def _unset(context: Context, arguments: Arguments) -> None:
    name = arguments.word(1, "property name")
    arguments.at_most(2)
    context.client.guest_properties(_machine(context, arguments)).delete(name)


@_guestproperty.add("enumerate", "enum", options=_ENUMERATE)
def _enumerate(context: Context, arguments: Arguments) -> None:
    machine_id = _machine(context, arguments)
    patterns = ",".join([*arguments.words[1:], *arguments.all("patterns")])
    found = context.client.guest_properties(machine_id).enumerate(patterns)
    if not found:
        print("No properties found.")
    elif arguments.has("old-format"):
        for each in found:
            print(
                f"Name: {each.name}, value: {each.value}, timestamp: {each.timestamp}, "
                f"flags: {each.flags}"
            )
    else:
        _print_table(found, arguments)


def _print_table(found: list[GuestProperty], arguments: Arguments) -> None:
    width = min(max(len(each.name) for each in found), _MAX_NAME_WIDTH)
    value_width = min(max(len(each.value) for each in found), _MAX_VALUE_WIDTH)
    now = time.time_ns()
    for each in found:
        line = f"{each.name:{width}} = '{each.value}'"
        tail = []
        if not arguments.has("no-timestamp"):
            when = _ago(now - each.timestamp) if arguments.has("relative") else _utc(each.timestamp)
            tail.append(f"@ {when}")
        if each.flags and not arguments.has("no-flags"):
            tail.append(each.flags)
        if tail:
            # A value that is too wide for its column is followed by one space.
            line = f"{line:{max(width + value_width + 6, len(line) + 1)}}"
        print(line + " ".join(tail))


@_guestproperty.add("wait", options=_WAIT)
def _wait(context: Context, arguments: Arguments) -> int:
    import queue

    from app.api.events import GuestPropertyChanged

    machine_id = _machine(context, arguments)
    patterns = arguments.word(1, "pattern")
    arguments.at_most(2)
    timeout = arguments.get("timeout")
    seconds = number("--timeout", timeout) / 1000 if timeout is not None else None
    deadline = None if seconds is None else time.monotonic() + seconds
    changes: queue.SimpleQueue[GuestPropertyChanged] = queue.SimpleQueue()

    def collect(event: Event) -> None:
        if isinstance(event, GuestPropertyChanged) and event.id == machine_id:
            changes.put(event)

    context.client.subscribe(collect)
    while deadline is None or time.monotonic() < deadline:
        # A wait without a limit cannot be interrupted on Windows.
        left = 1.0 if deadline is None else min(1.0, max(0.0, deadline - time.monotonic()))
        try:
            event = changes.get(timeout=left)
        except queue.Empty:
            if not context.client.connected:
                break
            continue
        if _matches(patterns, event.name):
            _print_change(event)
            return EXIT_OK
    sys.stderr.write(
        "VBoxManage: error: Time out or interruption while waiting for a notification.\n"
    )
    return EXIT_SYNTAX if arguments.has("fail-on-timeout") else EXIT_OK


def _print_change(event: GuestPropertyChanged) -> None:
    if event.was_deleted:
        print(f"Property {event.name} was deleted")
    else:
        print(f"Name: {event.name}, value: {event.value}, flags: {event.flags}")


def _matches(patterns: str, name: str) -> bool:
    import fnmatch
    import re

    # Brackets are no wildcards here.
    alternatives = [part.replace("[", "[[]") for part in re.split(r"[|,]", patterns)]
    return any(fnmatch.fnmatchcase(name, part) for part in alternatives)


def _machine(context: Context, arguments: Arguments) -> str:
    return context.machine(arguments.word(0, "virtual machine name or UUID")).id


def _utc(timestamp: int) -> str:
    moment = dt.datetime.fromtimestamp(timestamp // _NANOSECONDS, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{timestamp // 1_000_000 % 1000:03}Z"


def _ago(nanoseconds: int) -> str:
    """A duration as ISO 8601 has it, such as ``P1DT2H3M4.567S``."""
    seconds, rest = divmod(max(0, nanoseconds), _NANOSECONDS)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    date = f"{days}D" if days else ""
    parts = [f"{hour}H" if hours else "", f"{minute}M" if minutes else ""]
    return f"P{date}T{''.join(parts)}{second}.{rest // 1_000_000:03}S"
