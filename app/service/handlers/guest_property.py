"""``guest_property``: the property store of a machine."""

from __future__ import annotations

from app.service.dispatch import CallContext, Style, handler
from app.settings.model import GuestProperty


@handler("guest_property.get")
def _get(context: CallContext, id: str, name: str) -> GuestProperty | None:  # noqa: A002
    service = context.service
    return service.guest_properties.get(service.registry.find(id), name)


@handler("guest_property.set", Style.WORKER)
def _set(
    context: CallContext, id: str, name: str, value: str, flags: str | None  # noqa: A002
) -> None:
    service = context.service
    machine = service.registry.find(id)
    service.guest_properties.set(machine, context.peer, name, value, flags)


@handler("guest_property.delete", Style.WORKER)
def _delete(context: CallContext, id: str, name: str) -> None:  # noqa: A002
    service = context.service
    service.guest_properties.delete(service.registry.find(id), context.peer, name)


@handler("guest_property.enumerate")
def _enumerate(context: CallContext, id: str, patterns: str) -> list[GuestProperty]:  # noqa: A002
    service = context.service
    return service.guest_properties.enumerate(service.registry.find(id), patterns)
