"""What a server of a remote display gets from its machine, and what it offers in return.

A server of another protocol is a :class:`DisplayModule` that an installed distribution declares as
an entry point of the group ``vitrine.display_modules``; its name is what ``modifyvm`` selects with
``--vrde-extpack``. The built-in one is called ``VNC``, like VirtualBox's extension pack of that
protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, Protocol

from app.api.errors import ApiError, ErrorCode

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings.display import RemoteDisplaySettings
    from engine.pdm.display import Surface

BUILT_IN: Final = "VNC"
ENTRY_POINTS: Final = "vitrine.display_modules"


class DisplayHost(Protocol):
    """The machine, as a server sees it. All methods may be called from any thread."""

    @property
    def takes_absolute(self) -> bool:
        """Whether the guest takes absolute positions of the pointer now."""

    @property
    def keyboard_leds(self) -> int:
        """Lock LEDs of the guest's keyboard: bit 0 scroll, 1 num, 2 caps."""

    def open_surface(self) -> Surface:
        """Return a picture of the screen for the server's own use.

        Raises:
            ApiError: the machine has none.
        """

    def put_scancodes(self, codes: bytes) -> None:
        """Send bytes of scan code set 1 to the keyboard."""

    def put_mouse(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Send motion, wheels and buttons; see ``engine.pdm.interfaces.MousePort``."""

    def put_mouse_absolute(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        """Put the pointer to a position, 0 to 32767 in both directions."""


@dataclass(frozen=True)
class ServerInfo:
    """What is known of a server and its clients; see ``IVRDEServerInfo``.

    Attributes:
        port: TCP port that it listens on.
        address: address that it listens on.
        clients: names of the clients that are connected (address and port).
        total_clients: clients that have been connected since the server was started.
        bytes_sent, bytes_received: sums over all clients.
        user: who is connected, where the authentication knows names.
        begin_time, end_time: seconds since 1970 of the last client's coming and going; 0: never.
        encryption: in words, of the last client; empty for none.
    """

    port: int
    address: str
    clients: tuple[str, ...] = ()
    total_clients: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    user: str = ""
    begin_time: float = 0.0
    end_time: float = 0.0
    encryption: str = ""


class DisplayServer(Protocol):
    """A server that listens."""

    def info(self) -> ServerInfo:
        """What is known of it; from any thread."""

    def close(self) -> None:
        """Disconnect all clients and give back what it holds; waits for that."""


@dataclass(frozen=True)
class ServerOrder:
    """What a machine asks of a server.

    Attributes:
        machine: name of the machine, shown by clients.
        folder: of the machine, absolute; relative paths in properties start there.
        settings: of the remote display.
        secrets: the machine's extra data, in which authentication libraries keep their users.
        changed: called when a client has come or gone, on a thread of the server.
    """

    machine: str
    folder: Path
    settings: RemoteDisplaySettings
    secrets: Mapping[str, str] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None


class DisplayModule(Protocol):
    """A protocol of remote displays."""

    def open_server(self, host: DisplayHost, order: ServerOrder) -> DisplayServer:
        """Listen as the settings say.

        Raises:
            ApiError: why it cannot.
        """


def find_module(name: str) -> DisplayModule:
    """Return the module of a name; the built-in one without a name.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: no such module is installed.
    """
    entry = _entry_of(name)
    if entry is None:
        from app.vrde.server import RfbModule

        return RfbModule()
    module: DisplayModule = entry.load()()
    return module


def check_module(name: str) -> None:
    """Look whether :func:`find_module` would find a module, without loading it.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: no such module is installed.
    """
    _entry_of(name)


def _entry_of(name: str) -> EntryPoint | None:
    """Return where a module is declared; None: it is the built-in one."""
    if name in ("", BUILT_IN):
        return None
    for entry in entry_points(group=ENTRY_POINTS, name=name):
        return entry
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"No remote display module is called '{name}'; the built-in one is '{BUILT_IN}'.",
        "vrde",
    )
