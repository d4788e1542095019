"""Properties of the installation by name: their values are checked by their declarations."""

from __future__ import annotations

import os
from typing import Any, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.settings.declare import Field, Setting, fields_of
from app.settings.enums import ProxyMode
from app.settings.installation import GlobalSettings

_PROXY_MODES: Final = {
    "system": ProxyMode.SYSTEM,
    "noproxy": ProxyMode.NO_PROXY,
    "none": ProxyMode.NO_PROXY,
    "manual": ProxyMode.MANUAL,
}
_FOLDERS: Final = {"machinefolder", "autostartdbpath"}
_SWITCH: Final = {
    word: on
    for on, words in ((True, ("on", "true", "yes", "1")), (False, ("off", "false", "no", "0")))
    for word in words
}


def property_fields() -> dict[str, Field]:
    """Settings of the installation that have a name on the command line, by that name."""
    return {
        field.declaration.cli: field
        for field in fields_of(GlobalSettings)
        if field.declaration.cli and isinstance(field.declaration, Setting)
    }


def with_property(settings: GlobalSettings, name: str, text: str) -> GlobalSettings:
    """The settings with a changed property; see ``system_properties.set_property``."""
    field = property_fields().get(name)
    if field is None:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND, f"There is no property '{name}'.", "virtualbox"
        )
    return msgspec.structs.replace(settings, **{field.name: _value(name, field, text)})


def _value(name: str, field: Field, text: str) -> Any:
    if text in ("", "default"):
        return field.default
    if name == "proxymode":
        return _choice(name, text.lower(), _PROXY_MODES).value
    if field.type is bool:
        return _choice(name, text.lower(), _SWITCH)
    if field.type is int:
        return _number(name, field, text)
    # The web service takes the word itself: it then checks nobody.
    if text == "null" and name != "websrvauthlibrary":
        return ""
    if name in _FOLDERS and not os.path.isabs(text):
        raise _invalid(f"The folder '{text}' for the property '{name}' is not an absolute path.")
    return text


def _choice(name: str, text: str, choices: dict[str, Any]) -> Any:
    if text not in choices:
        raise _invalid(f"Invalid {name} argument '{text}': it must be one of {', '.join(choices)}.")
    return choices[text]


def _number(name: str, field: Field, text: str) -> int:
    declared = field.declaration
    assert isinstance(declared, Setting)
    least, most = declared.ge or 0, declared.le if declared.le is not None else 0xFFFFFFFF
    if not text.isdecimal() or not least <= int(text) <= most:
        raise _invalid(
            f"Invalid {name} argument '{text}': it must be a number from {least} to {most}."
        )
    return int(text)


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "virtualbox")
