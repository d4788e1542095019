"""The Main API: what every front end uses and nothing else.

>>> from app.api import connect
>>> with connect(client_name="example") as client:
...     for machine in client.virtualbox.list_machines():
...         print(machine.name, machine.state)

:func:`connect` finds the service of this user (starting it when necessary) and gives a
:class:`Client`; ``client.virtualbox``, ``client.machine(id)`` and ``client.console(id)`` are typed
façades of :mod:`app.api.interfaces`. Qt programs use :class:`app.api.qtclient.QtClient`, VM
processes :class:`app.api.vmsession.VmSession`. Errors are :class:`ApiError`.

The threading rules are in :mod:`app.api.client`, :mod:`app.api.qtclient` and
:mod:`app.api.vmsession`. Names are imported when they are first used (PEP 562): a command-line call
needs few of them, and importing all would take longer than the call.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.api import events
    from app.api.client import Client, connect
    from app.api.errors import ApiError, ErrorCode
    from app.api.events import (
        Event,
        ExtraDataChanged,
        MachineDataChanged,
        MachineRegistered,
        MachineStateChanged,
        MediumChanged,
        ProgressCreated,
        ProgressPercentageChanged,
        ProgressTaskCompleted,
        RuntimeError,  # noqa: A004 - the API's name for it
        SessionStateChanged,
        SystemPropertiesChanged,
    )
    from app.api.structs import (
        DeviceType,
        LockType,
        MachineInfo,
        MachineState,
        MediumInfo,
        MediumState,
        MediumVariant,
        OsType,
        ProgressInfo,
        SessionState,
        SystemProperties,
        VersionInfo,
        VmStartInfo,
    )

__all__ = [
    "ApiError",
    "Client",
    "DeviceType",
    "ErrorCode",
    "Event",
    "ExtraDataChanged",
    "LockType",
    "MachineDataChanged",
    "MachineInfo",
    "MachineRegistered",
    "MachineState",
    "MachineStateChanged",
    "MediumChanged",
    "MediumInfo",
    "MediumState",
    "MediumVariant",
    "OsType",
    "ProgressCreated",
    "ProgressInfo",
    "ProgressPercentageChanged",
    "ProgressTaskCompleted",
    "RuntimeError",
    "SessionState",
    "SessionStateChanged",
    "SystemProperties",
    "SystemPropertiesChanged",
    "VersionInfo",
    "VmStartInfo",
    "connect",
    "events",
]

_MODULES = ("errors", "basics", "client", "structs", "events")
"""Where the names are defined, the module that is imported fastest first."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = getattr(import_module(f"{__name__}.{module}"), name, None)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
