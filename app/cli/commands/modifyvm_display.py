"""Options of ``modifyvm`` for the remote display and for recording."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from app.cli.commands.modifyvm_draft import Draft, invalid, modifies, number, switch
from app.cli.errors import UsageError

if TYPE_CHECKING:
    from app.cli.options import Given

_RESOLUTION: Final = re.compile(r"(\d{1,5})x(\d{1,5})", re.IGNORECASE)
_PORTS: Final = re.compile(r"\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*")


@modifies(
    "vrde-port", value="default | ports", old=("vrdeport", "vrdp-port", "vrdpport"),
    help="TCP ports of the remote display: numbers and ranges, separated by commas.",
)  # fmt: skip
def _port(draft: Draft, given: Given) -> None:
    ports = "0" if given.value.lower() == "default" else given.value.replace(" ", "")
    if _PORTS.fullmatch(ports) is None or any(
        int(port) > 65535 for port in re.split("[-,]", ports)
    ):
        raise UsageError(f"Invalid --vrde-port argument '{given.value}'")
    draft.hardware.remote_display.properties["TCP/Ports"] = ports


@modifies(
    "vrde-address", value="default | address", old=("vrdeaddress", "vrdp-address", "vrdpaddress"),
    help="Address on which the remote display listens; default: 127.0.0.1.",
)  # fmt: skip
def _address(draft: Draft, given: Given) -> None:
    address = "" if given.value.lower() == "default" else given.value
    _set_property(draft, "TCP/Address", address)


@modifies("vrde-property", value="name=[value]")
def _property(draft: Draft, given: Given) -> None:
    name, separator, text = given.value.partition("=")
    if not separator or not name:
        raise UsageError(f"Invalid --vrde-property argument '{given.value}'")
    _set_property(draft, name, text)


@modifies(
    "vrde-video-channel", value="on | off",
    old=("vrdevideochannel", "vrdp-video-channel", "vrdpvideochannel"),
    help="Video is sent to clients of the remote display in a channel of its own.",
)  # fmt: skip
def _video_channel(draft: Draft, given: Given) -> None:
    _set_property(draft, "VideoChannel/Enabled", "true" if switch(given) else "false")


@modifies(
    "vrde-video-channel-quality", value="percent",
    old=(
        "vrdevideochannelquality", "vrdp-video-channel-quality", "vrdpvideochannelquality"
    ),
    help="Quality of the pictures in the video channel.",
)  # fmt: skip
def _video_quality(draft: Draft, given: Given) -> None:
    quality = number(given)
    if not 10 <= quality <= 100:
        raise invalid(f"Invalid video channel quality: {quality} (must be in range [10, 100])")
    _set_property(draft, "VideoChannel/Quality", str(quality))


def _set_property(draft: Draft, name: str, value: str) -> None:
    properties = draft.hardware.remote_display.properties
    if value:
        properties[name] = value
    else:
        properties.pop(name, None)


# -- recording -------------------------------------------------------------------------------------


@modifies("recording-screens", value="all | none | screen,...")
def _screens(draft: Draft, given: Given) -> None:
    word = given.value.lower()
    screens = draft.recording_screens()
    if word in ("all", "none"):
        wanted = {screen.id for screen in screens} if word == "all" else set()
    else:
        wanted = {number(given, text.strip()) for text in given.value.split(",")}
    unknown = wanted - {screen.id for screen in screens}
    if unknown:
        raise UsageError(f"Invalid screen ID specified '{min(unknown)}'")
    for screen in screens:
        screen.enabled = screen.id in wanted


@modifies("recording-file", value="file")
def _file(draft: Draft, given: Given) -> None:
    path = os.path.abspath(given.value) if given.value else ""
    for screen in draft.recording_screens():
        screen.file = path


@modifies("recording-video-res", value="WIDTHxHEIGHT")
def _resolution(draft: Draft, given: Given) -> None:
    match = _RESOLUTION.fullmatch(given.value.strip())
    if match is None:
        raise UsageError(f"Invalid video resolution '{given.value}'")
    width, height = int(match[1]), int(match[2])
    if not (0 < width <= 65535 and 0 < height <= 65535):
        raise invalid(f"Invalid video resolution: {given.value} (must be in range [1, 65535])")
    for screen in draft.recording_screens():
        screen.width, screen.height = width, height
