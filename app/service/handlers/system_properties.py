"""``system_properties``: properties by name."""

from __future__ import annotations

from app.api.events import SystemPropertiesChanged
from app.service.dispatch import CallContext, Style, handler
from app.service.properties import property_fields, with_property


@handler("system_properties.list_names")
def _list_names(_context: CallContext) -> list[str]:
    return sorted(property_fields())


@handler("system_properties.set_property", Style.WORKER)
def _set_property(context: CallContext, name: str, value: str) -> None:
    registry = context.service.registry
    registry.change_settings(lambda settings: with_property(settings, name, value))
    context.service.hub.fire(SystemPropertiesChanged())
