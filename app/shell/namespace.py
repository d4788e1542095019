"""The objects of the Main API as Python in the shell sees them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from app.api.basics import MachineInfo
from app.api.errors import ApiError
from app.api.schema import METHODS, find_method

if TYPE_CHECKING:
    from app.api import interfaces
    from app.api.client import Client
    from app.settings.model import MachineSettings

_FIELDS: Final = MachineInfo.__struct_fields__


def methods_of(interface: str) -> list[str]:
    """Names of the methods of an interface, such as ``machine``."""
    # There is no such method: looking for it has imported the interface.
    with contextlib.suppress(ApiError):
        find_method(f"{interface}.")
    prefix = f"{interface}."
    return sorted(name.removeprefix(prefix) for name in METHODS if name.startswith(prefix))


class Machine:
    """One machine: its facts (``name``, ``state``...), and the methods of its interface.

    Facts are asked for each time that they are read.
    """

    def __init__(self, client: Client, machine_id: str) -> None:
        self._client = client
        self._id = machine_id

    @property
    def info(self) -> MachineInfo:
        """What the list of machines tells about it, now."""
        return self._client.virtualbox.find_machine(self._id)

    @property
    def settings(self) -> MachineSettings:
        """Its settings; see :meth:`edit` for changing them."""
        return self._client.machine(self._id).get_settings()

    @property
    def console(self) -> interfaces.Console:
        """Control of the machine while it runs."""
        return self._client.console(self._id)

    @property
    def debugger(self) -> interfaces.Debugger:
        """A look into the guest while it runs."""
        return self._client.debugger(self._id)

    @property
    def snapshots(self) -> interfaces.Snapshots:
        """Its snapshots."""
        return self._client.snapshots(self._id)

    @property
    def guest_properties(self) -> interfaces.GuestProperties:
        """Its guest properties."""
        return self._client.guest_properties(self._id)

    @property
    def saved_state(self) -> interfaces.SavedState:
        """Its saved state."""
        return self._client.saved_state(self._id)

    @contextlib.contextmanager
    def edit(self) -> Iterator[MachineSettings]:
        """Change the settings in a block, under a lock; an error in the block changes nothing.

        >>> with machines["box"].edit() as settings:
        ...     settings.hardware.memory_mb = 64
        """
        handle = self._client.machine(self._id)
        handle.lock()
        try:
            settings = handle.get_settings()
            yield settings
            handle.save_settings(settings)
        finally:
            handle.unlock()

    def __getattr__(self, name: str) -> Any:
        if name in _FIELDS:
            return getattr(self.info, name)
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return getattr(self._client.machine(self._id), name)
        except AttributeError:
            raise AttributeError(
                f"A machine has no {name!r}; dir() tells what it has, and its 'settings' has more"
            ) from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_FIELDS, *methods_of("machine")})

    def __repr__(self) -> str:
        info = self.info
        return f"<machine {info.name!r}: {info.state}>"


class Machines(Mapping[str, Machine]):
    """The registered machines by name or UUID: ``machines["box"]``, ``machines.box``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getitem__(self, name: str) -> Machine:
        return Machine(self._client, self._client.virtualbox.find_machine(name).id)

    def __iter__(self) -> Iterator[str]:
        return iter([machine.name for machine in self._client.virtualbox.list_machines()])

    def __len__(self) -> int:
        return len(self._client.virtualbox.list_machines())

    def __getattr__(self, name: str) -> Machine:
        if not name.startswith("_") and name in set(self):
            return self[name]
        raise AttributeError(f"There is no machine named {name!r}")

    def __dir__(self) -> list[str]:
        names = (name for name in self if name.isidentifier())
        return sorted({*super().__dir__(), *names})

    def __repr__(self) -> str:
        return f"<machines {list(self)}>"


def api_objects(client: Client) -> dict[str, Any]:
    """What Python in the shell finds ready, by name."""
    from app import api

    names: dict[str, Any] = {name: getattr(api, name) for name in api.__all__ if name[0].isupper()}
    # It would hide Python's own.
    names["RuntimeErrorEvent"] = names.pop("RuntimeError")
    names.update(
        api=api,
        client=client,
        vbox=client.virtualbox,
        machines=Machines(client),
        events=client.events,
    )
    return names
