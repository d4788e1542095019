"""``snapshot``: the snapshots of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api.events import SnapshotChanged
from app.service import snapshots
from app.service.dispatch import CallContext, Style, handler
from app.settings.model import Snapshot

if TYPE_CHECKING:
    from app.service.machine import Machine


@handler("snapshot.find")
def _find(context: CallContext, id: str, snapshot: str) -> Snapshot:  # noqa: A002
    return snapshots.find(context.service.registry.find(id).settings, snapshot)


@handler("snapshot.edit", Style.WORKER)
def _edit(
    context: CallContext,
    id: str,  # noqa: A002
    snapshot: str,
    name: str | None,
    description: str | None,
) -> None:
    machine = context.service.registry.find(id)
    changed = snapshots.edit(machine, context.peer, snapshot, name, description)
    _tell(context, machine, changed)


@handler("snapshot.take", Style.WORKER)
def _take(context: CallContext, id: str, name: str, description: str) -> Snapshot:  # noqa: A002
    machine = context.service.registry.find(id)
    taken = snapshots.take(machine, name, description)
    _tell(context, machine, taken)
    return taken


@handler("snapshot.restore", Style.WORKER)
def _restore(context: CallContext, id: str, snapshot: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    _tell(context, machine, snapshots.restore(machine, snapshot))


@handler("snapshot.delete", Style.WORKER)
def _delete(context: CallContext, id: str, snapshot: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    _tell(context, machine, snapshots.delete(machine, snapshot))


def _tell(context: CallContext, machine: Machine, snapshot: Snapshot) -> None:
    context.service.hub.fire(SnapshotChanged(id=machine.id, snapshot_id=snapshot.uuid))
