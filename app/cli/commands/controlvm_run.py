"""Verbs of ``controlvm`` for the life of a machine and for its screen."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from typing import TYPE_CHECKING, Final

from app.cli.commands.controlvm_verbs import Control, verb
from app.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_END_SECONDS: Final = 30.0
"""How long a machine that was switched off may take to release its lock."""

_LOOK_SECONDS: Final = 0.02


@verb("pause")
def _pause(control: Control) -> None:
    control.only()
    control.console.pause()


@verb("resume")
def _resume(control: Control) -> None:
    control.only()
    control.console.resume()


@verb("reset")
def _reset(control: Control) -> None:
    control.only()
    control.console.reset()


@verb("poweroff")
def _power_off(control: Control) -> None:
    control.only()
    _until_unlocked(control, control.console.power_off)


@verb("savestate")
def _save_state(control: Control) -> None:
    control.only()
    control.context.run_long("machine.save_state", id=control.info.id)


@verb("acpipowerbutton")
def _power_button(control: Control) -> None:
    control.only()
    control.console.power_button()


@verb("acpisleepbutton")
def _sleep_button(control: Control) -> None:
    control.only()
    control.console.sleep_button()


@verb("screenshotpng", "<file> [<screen>]")
def _screenshot(control: Control) -> None:
    words = control.at_most(2)
    if not words:
        raise UsageError("Missing argument to 'screenshotpng': file")
    screen = words[1] if len(words) > 1 else "0"
    if not screen.isdecimal():
        raise UsageError(f"Invalid display number '{screen}'")
    _write_file(words[0], control.console.screenshot(int(screen)))


def _until_unlocked(control: Control, action: Callable[[], None]) -> None:
    """Do what ends the machine's run, and wait until its lock is free.

    A script may change or remove the machine as soon as this returns.
    """
    from app.api.structs import SessionState
    from app.cli.progress import ProgressLine

    line = ProgressLine()
    line(0, "")
    find = control.context.client.virtualbox.find_machine
    try:
        action()
    except Exception:
        line.abandon()
        raise
    deadline = time.monotonic() + _END_SECONDS
    while find(control.info.id).session_state is not SessionState.UNLOCKED:
        if time.monotonic() > deadline:
            line.abandon()
            raise CommandError(
                f"The process of the machine '{control.info.name}' did not end within "
                f"{_END_SECONDS:g} s."
            )
        time.sleep(_LOOK_SECONDS)
    line.finish()


def _write_file(path: str, data: bytes) -> None:
    """Write a file; one that exists is replaced when all is written."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".screenshot-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise CommandError(f"Failed to create file '{path}' ({error.strerror})") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# -- USB devices of the host -----------------------------------------------------------------------


@verb("usbattach", "<uuid | address>")
def _usb_attach(control: Control) -> None:
    (device,) = control.only("uuid or address")
    control.console.attach_usb_device(device)


@verb("usbdetach", "<uuid | address>")
def _usb_detach(control: Control) -> None:
    (device,) = control.only("uuid or address")
    control.console.detach_usb_device(device)
