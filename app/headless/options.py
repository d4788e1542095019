"""The options of ``vitrine-headless``, as VBoxHeadless has them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from app.settings.display import RecordingScreen, RecordingSettings
from app.version import version

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM: Final = "vitrine-headless"
_MAX_PIXELS: Final = 65535
_MAX_KBPS: Final = 0xFFFFFFFF


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; ``-h`` is the height of a recording."""
    made = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Run a virtual machine without a window, until it is off.",
        epilog="Exit codes: 0 the machine ran and is off, 1 it could not start, 2 wrong options, "
        "3 it ran and failed (Guru Meditation). At SIGTERM, SIGINT and SIGHUP its state is saved, "
        "or what the machine's autostop setting says is done.",
        allow_abbrev=False,
        add_help=False,
    )
    add = made.add_argument
    add("--help", "-?", action="help", help="show this help")
    add("--version", "-V", action="version", version=f"{PROGRAM} {version()}")
    add("--startvm", "-s", "-startvm", metavar="NAME|UUID", required=True, help="the machine")
    add("--start-paused", "-p", action="store_true", help="stop before the first instruction")
    add("--comment", metavar="TEXT", help="shown in the list of processes, without effect")
    _add_remote_display(made)
    _add_capture(made)
    secrets = made.add_argument_group("passwords, for which this version has no use")
    secrets.add_argument("--settingspw", metavar="PASSWORD", help="of passwords in the settings")
    secrets.add_argument("--settingspwfile", metavar="FILE", help="file that holds it")
    secrets.add_argument("--password", metavar="FILE", help="of an encrypted machine")
    secrets.add_argument("--password-id", metavar="ID", help="name of that password")
    return made


def _add_remote_display(to: argparse.ArgumentParser) -> None:
    add = to.add_argument_group("remote display").add_argument
    add(
        "--vrde", "-v", "-vrde", choices=("on", "off", "config"), default="config",
        help="whether to serve a remote display (RFB, as VNC viewers speak it); default: as the "
        "machine's settings say",
    )  # fmt: skip
    add(
        "--vrdeproperty", "-e", metavar="NAME=VALUE", action="append", default=[],
        help="a property of the remote display for this run, such as VNCPassword",
    )  # fmt: skip
    add(
        "--vrdeport", "-vrdeport", "--vrdpport", metavar="PORTS",
        help="ports of the remote display for this run, such as 5000,5010-5012",
    )  # fmt: skip


def _add_capture(to: argparse.ArgumentParser) -> None:
    add = to.add_argument_group("recording of the screen").add_argument
    pixels = _number(2, _MAX_PIXELS)
    add("--capture", "--record", "-c", action="store_true", help="record from the start on")
    add("--width", "-w", type=pixels, metavar="PIXELS", help="width of the video")
    add("--height", "-h", type=pixels, metavar="PIXELS", help="height of the video")
    add(
        "--bitrate", "-r", type=_number(1, _MAX_KBPS), metavar="KBPS",
        help="thousands of bits of video per second",
    )  # fmt: skip
    add("--filename", "-f", metavar="FILE", help="file of the video, in the machine's folder")


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
        return int(text)

    return number


@dataclass(frozen=True)
class Capture:
    """What the options say about a recording; None: what the machine's settings say.

    Attributes:
        width: of the video, pixels.
        height: of the video, pixels.
        rate_kbps: thousands of bits per second.
        file: relative to the machine's folder.
    """

    width: int | None = None
    height: int | None = None
    rate_kbps: int | None = None
    file: str | None = None

    def applied_to(self, settings: RecordingSettings) -> RecordingSettings:
        """Settings by which the first screen is recorded."""
        screen = next((each for each in settings.screens if each.id == 0), RecordingScreen(id=0))
        given = {
            name: value
            for name in ("width", "height", "rate_kbps", "file")
            if (value := getattr(self, name)) is not None
        }
        screen = msgspec.structs.replace(screen, enabled=True, **given)
        return msgspec.structs.replace(settings, enabled=True, screens=[screen])


class OptionsError(Exception):
    """The options make no sense; the text says why."""


def capture_of(options: argparse.Namespace) -> Capture | None:
    """The recording that options ask for; None without one.

    Raises:
        OptionsError: They describe a recording without asking for it.
    """
    capture = Capture(options.width, options.height, options.bitrate, options.filename)
    if options.capture:
        return capture
    if capture != Capture():
        raise OptionsError("--width, --height, --bitrate and --filename belong to --capture.")
    return None


def remote_display_of(options: argparse.Namespace) -> tuple[bool | None, dict[str, str]]:
    """Whether there is a remote display (None: as the settings say), and its properties.

    Raises:
        OptionsError: A property has no name.
    """
    properties = dict(_property(each) for each in options.vrdeproperty)
    if options.vrdeport is not None:
        properties["TCP/Ports"] = options.vrdeport
    return (None if options.vrde == "config" else options.vrde == "on"), properties


def _property(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name:
        raise OptionsError("A property of the remote display is given as NAME=VALUE.")
    return name, value
