"""``saved_state``: discarding and adopting it."""

from __future__ import annotations

from app.service import savedstate
from app.service.dispatch import CallContext, Style, handler


@handler("saved_state.discard", Style.WORKER)
def _discard(context: CallContext, id: str, remove_file: bool) -> None:  # noqa: A002
    savedstate.discard(context.service.registry.find(id), remove_file=remove_file)


@handler("saved_state.adopt", Style.WORKER)
def _adopt(context: CallContext, id: str, path: str) -> None:  # noqa: A002
    savedstate.adopt(context.service.registry.find(id), path)
