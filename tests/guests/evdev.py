"""What Linux tells of an input device: the records of ``/dev/input/event*``."""

from __future__ import annotations

from collections.abc import Callable

from tests.guests.machine import GuestMachine

SYN, KEY, REL, ABS = 0, 1, 2, 3


def input_events(
    linux: GuestMachine, file: str, stir: Callable[[], object]
) -> list[tuple[int, int, int]]:
    """Return (type, code, value) of the events that Linux has seen while ``stir`` was called.

    Args:
        linux: at the prompt of its shell.
        file: name under ``/dev/input``, or what the shell makes one of.
        stir: moves, presses...
    """
    linux.run(f"cat /dev/input/{file} >/tmp/events & sleep 1")
    stir()
    dump = linux.run("sleep 1; kill %1; hexdump -v -e '12/2 \"%04x \" \"\\n\"' /tmp/events")
    records = [line.split() for line in dump.splitlines()]
    # Two 64-bit times come first; the value is a signed double word.
    words = [[int(word, 16) for word in record[8:]] for record in records if len(record) == 12]
    return [
        (kind, code, ((low | high << 16) ^ 1 << 31) - (1 << 31)) for kind, code, low, high in words
    ]
