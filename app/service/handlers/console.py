"""``console`` and ``debugger``: calls that go through to the VM process, untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import app.api.interfaces.console
import app.api.interfaces.debugger  # noqa: F401 - both declare the methods
from app.api.errors import ApiError, ErrorCode
from app.api.schema import METHODS
from app.service.dispatch import CallContext, Style, handler
from app.service.mounting import mount_medium

if TYPE_CHECKING:
    from app.service.peer import Answer

_LONG_METHODS = {"debugger.dump_guest_core": 600.0}
"""Seconds that a VM process may take for what is no matter of an instant."""

_SERVICE_ONLY = {
    "console.begin_snapshot", "console.begin_merge", "console.commit_merge",
    "console.abandon_merge", "console.disk_work", "console.cancel_disk_work",
}  # fmt: skip
"""What would leave images and settings of different minds if a client called it."""

_NOT_JUST_ROUTED = {"console.mount_medium", *_SERVICE_ONLY}


def _route(context: CallContext, id: str, **_params: Any) -> None:  # noqa: A002
    """Send the call on to the VM process; its answer goes back as it comes."""
    machine = context.service.registry.find(id)
    vm_process = context.service.sessions.require_console(machine)

    def on_answer(answer: Answer) -> None:
        if isinstance(answer, ApiError):
            context.fail(answer)
        else:
            context.succeed(answer)

    call = context.call
    seconds = _LONG_METHODS.get(call.method, context.service.config.console_seconds)
    vm_process.call(call.method, call.params, on_answer, seconds)


for _name in METHODS:
    if _name.startswith(("console.", "debugger.")) and _name not in _NOT_JUST_ROUTED:
        handler(_name, Style.ROUTED)(_route)


def _refuse(context: CallContext, id: str, **_params: Any) -> None:  # noqa: A002
    del id
    raise ApiError(
        ErrorCode.E_ACCESSDENIED,
        f"{context.call.method} is for the service only; use the methods of snapshot.",
        "console",
    )


for _name in _SERVICE_ONLY:
    handler(_name, Style.ROUTED)(_refuse)


@handler("console.mount_medium", Style.WORKER)
def _mount_medium(
    context: CallContext,
    id: str,  # noqa: A002 - name on the wire
    controller: str,
    port: int,
    device: int,
    path: str | None,
    force: bool,
) -> None:
    machine = context.service.registry.find(id)
    context.service.sessions.require_console(machine)
    mount_medium(context, machine, controller, port, device, path, force=force)
