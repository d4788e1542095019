"""What a machine shows right now, for pages that look at it again and again.

A machine that is starting, ending, or off has no picture, and which of them it is may change
between two requests. That is no error, so that a page may ask without its browser noting a failure.
"""

from __future__ import annotations

from typing import Final

from app.api.basics import MachineState
from app.api.client import Client
from app.api.errors import ApiError, ErrorCode
from app.web.calls import call

_SAVED: Final = {MachineState.SAVED, MachineState.ABORTED_SAVED}
_NOTHING_TO_SEE: Final = {
    ErrorCode.NS_ERROR_CALL_FAILED,  # the process of the machine has just ended
    ErrorCode.VBOX_E_INVALID_VM_STATE,
    ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
    ErrorCode.VBOX_E_INVALID_SESSION_STATE,
    ErrorCode.VBOX_E_FILE_ERROR,  # the saved state was restored, or discarded, meanwhile
}


async def picture_of(client: Client, machine_id: str) -> bytes | None:
    """The screen of a running machine, or that of its saved state, as PNG; None: there is none.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is no such machine; and what else went wrong.
    """
    machine = await call(client, "virtualbox.find_machine", name_or_id=machine_id)
    if machine.state.is_online:
        method = "console.screenshot"
    elif machine.state in _SAVED:
        method = "saved_state.read_screenshot"
    else:
        return None
    try:
        picture = await call(client, method, id=machine.id)
    except ApiError as error:
        if error.code in _NOTHING_TO_SEE:
            return None
        raise
    return picture or None
