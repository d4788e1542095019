"""``snapshot``: the snapshots of a machine."""

from __future__ import annotations

from app.api.events import (
    SnapshotChanged,
    SnapshotDeleted,
    SnapshotRestored,
    SnapshotTaken,
)
from app.service import snapshots
from app.service.dispatch import CallContext, Style, handler
from app.settings.model import Snapshot


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
    service = context.service
    machine = service.registry.find(id)
    changed = service.snapshots.edit(machine, context.peer, snapshot, name, description)
    service.hub.fire(SnapshotChanged(id=machine.id, snapshot_id=changed.uuid))


@handler("snapshot.take", Style.WORKER, operation="Taking a snapshot of virtual machine")
def _take(context: CallContext, id: str, name: str, description: str) -> Snapshot:  # noqa: A002
    machine = context.service.registry.find(id)
    taken = context.service.snapshots.take(context, machine, name, description)
    context.service.hub.fire(SnapshotTaken(id=machine.id, snapshot_id=taken.uuid))
    return taken


@handler("snapshot.restore", Style.WORKER, operation="Restoring snapshot")
def _restore(context: CallContext, id: str, snapshot: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    restored = context.service.snapshots.restore(context, machine, snapshot)
    context.service.hub.fire(SnapshotRestored(id=machine.id, snapshot_id=restored.uuid))


@handler("snapshot.delete", Style.WORKER, operation="Deleting snapshot")
def _delete(context: CallContext, id: str, snapshot: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    deleted = context.service.snapshots.delete(context, machine, snapshot)
    context.service.hub.fire(SnapshotDeleted(id=machine.id, snapshot_id=deleted.uuid))
