"""Pictures of the guest's screen in saved states, read by a worker process."""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.service import snapshots
from app.service.imagework import IsCancelled, ignore_progress, run_image_tool

if TYPE_CHECKING:
    from app.service.machine import Machine

_TOOL: Final = (sys.executable, "-m", "engine.ssm.pictures")
_SCREENSHOT: Final = "screenshot"
_THUMBNAIL: Final = "thumbnail"


def read(machine: Machine, snapshot: str, *, thumbnail: bool, cancelled: IsCancelled) -> bytes:
    """The picture in a saved state; see ``saved_state.read_screenshot``."""
    with machine.lock:
        settings = machine.settings
        if snapshot:
            found = snapshots.find(settings, snapshot)
            owner, location = f"snapshot '{found.name}'", found.state_file
        else:
            owner, location = f"machine '{settings.name}'", settings.state_file
        file = machine.resolve(location)
    if not location:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE, f"The {owner} has no saved state.", "machine"
        )
    if not file.is_file():
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The saved state '{file}' of the {owner} does not exist.",
            "machine",
        )
    unit = _THUMBNAIL if thumbnail else _SCREENSHOT
    text = run_image_tool([str(file), unit], str, ignore_progress, cancelled, tool=_TOOL)
    return base64.b64decode(text)
