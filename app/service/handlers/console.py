"""``console`` and ``debugger``: calls that go through to the VM process, untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import app.api.interfaces.console
import app.api.interfaces.debugger  # noqa: F401 - both declare the methods
from app.api.errors import ApiError
from app.api.schema import METHODS
from app.service.dispatch import CallContext, Style, handler
from app.service.mounting import mount_medium

if TYPE_CHECKING:
    from app.service.peer import Answer

_LONG_METHODS = {"debugger.dump_guest_core": 600.0}
"""Seconds that a VM process may take for what is no matter of an instant."""

_NOT_JUST_ROUTED = {"console.mount_medium"}


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
