"""``saved_state``: discarding and adopting it, and its pictures."""

from __future__ import annotations

from app.service import savedpicture, savedstate
from app.service.dispatch import CallContext, Style, handler


@handler("saved_state.read_screenshot", Style.WORKER)
def _read_screenshot(
    context: CallContext, id: str, snapshot: str, thumbnail: bool  # noqa: A002
) -> bytes:
    machine = context.service.registry.find(id)
    cancelled = context.cancelled.is_set
    return savedpicture.read(machine, snapshot, thumbnail=thumbnail, cancelled=cancelled)


@handler("saved_state.discard", Style.WORKER)
def _discard(context: CallContext, id: str, remove_file: bool) -> None:  # noqa: A002
    savedstate.discard(context.service.registry.find(id), remove_file=remove_file)


@handler("saved_state.adopt", Style.WORKER)
def _adopt(context: CallContext, id: str, path: str) -> None:  # noqa: A002
    savedstate.adopt(context.service.registry.find(id), path)
