"""``progress``: long operations that clients watch, wait for and cancel."""

from __future__ import annotations

from app.api.messages import pack
from app.api.structs import ProgressInfo
from app.service.dispatch import CallContext, Style, handler


@handler("virtualbox.list_progress_operations")
def _list_progress_operations(context: CallContext) -> list[ProgressInfo]:
    return context.service.operations.running()


@handler("progress.get")
def _get(context: CallContext, id: str) -> ProgressInfo:  # noqa: A002 - name on the wire
    return context.service.operations.find(id).info


@handler("progress.wait_for_completion", Style.ROUTED)
def _wait_for_completion(context: CallContext, id: str, timeout: int) -> None:  # noqa: A002
    operation = context.service.operations.find(id)

    def tell(info: ProgressInfo) -> None:
        context.succeed(pack(info))

    def give_up() -> None:
        if operation.forget(tell):
            tell(operation.info)

    operation.when_done(tell)
    if timeout >= 0:
        context.service.deadlines.after(timeout / 1000, give_up)


@handler("progress.cancel")
def _cancel(context: CallContext, id: str) -> None:  # noqa: A002 - name on the wire
    context.service.operations.find(id).cancel()
