"""The remote display of a console: a server that follows the settings and this run's options."""

from __future__ import annotations

import copy
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError
from app.console import events
from app.console.errors import api_error
from app.console.surroundings import edit_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.console.console import Console
    from app.settings.display import RemoteDisplaySettings
    from app.settings.model import MachineSettings
    from app.vrde.module import DisplayServer, ServerInfo
    from engine.pdm.display import Surface

_logger = logging.getLogger(__name__)


class ConsoleDisplayHost:
    """A console as :class:`app.vrde.module.DisplayHost`; any thread may call.

    Args:
        console: of the machine.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def takes_absolute(self) -> bool:
        """Whether the guest takes absolute positions of the pointer now."""
        return self._console.takes_absolute

    @property
    def keyboard_leds(self) -> int:
        """Lock LEDs of the guest's keyboard."""
        return self._console.keyboard_leds

    def open_surface(self) -> Surface:
        """Return a picture of the screen."""
        return self._console.display.open_surface()

    def put_scancodes(self, codes: bytes) -> None:
        """Send bytes of scan code set 1 to the keyboard."""
        self._console.put_scancodes(codes)

    def put_mouse(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Send motion, wheels and buttons."""
        self._console.put_mouse(dx, dy, dz, dw, buttons)

    def put_mouse_absolute(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        """Put the pointer to a position."""
        self._console.put_mouse_absolute(x, y, dz, dw, buttons)


class RemoteDisplay:
    """The remote display server of a console, while there is one.

    Threading: all methods may be called from any thread but the emulation thread.

    Args:
        console: of the machine.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._server: DisplayServer | None = None
        self._enabled: bool | None = None
        self._properties: dict[str, str] = {}

    @property
    def info(self) -> ServerInfo | None:
        """What is known of the server; None while there is none."""
        server = self._server
        return server.info() if server is not None else None

    @property
    def missing(self) -> str:
        """Why there can be no server at all, a sentence; empty when its module is installed."""
        from app.vrde.module import check_module

        try:
            check_module(self._module_name(self._console.settings.hardware.remote_display))
        except ApiError as error:
            return error.message
        return ""

    def override(self, *, enabled: bool | None, properties: Mapping[str, str]) -> None:
        """Decide for this run, before the machine starts; the settings stay as they are.

        Args:
            enabled: whether there is a server; None: as the settings say.
            properties: in place of those of the settings; an empty value removes one.
        """
        self._enabled = enabled
        self._properties = dict(properties)

    def start_with_machine(self) -> None:
        """Begin to serve as the settings say; a machine runs without a server, too."""
        settings = self._effective(self._console.settings.hardware.remote_display)
        if not settings.enabled:
            return
        try:
            with self._lock:
                self._open(settings)
        except Exception as error:
            reason = api_error(error).message
            _logger.warning("Remote display: %s", reason)
            self._console.tell(events.RemoteDisplayChanged(-1, reason))
            return
        self._tell()

    def request(self, *, enabled: bool) -> None:
        """Switch the server on or off in the settings, which the console then obeys.

        Raises:
            ApiError: a server cannot be opened, or the settings cannot be written.
        """

        def change(settings: MachineSettings) -> None:
            settings.hardware.remote_display.enabled = enabled

        edit_settings(self._console, change)
        if enabled:
            self._open_late()

    def _open_late(self) -> None:
        """Open the server that could not be opened when the settings first asked for it."""
        with self._lock:
            settings = self._console.settings.hardware.remote_display
            if self._server is not None or not settings.enabled:
                return
            self._enabled = None
            try:
                self._open(self._effective(settings))
            except Exception as error:
                raise api_error(error) from error
        self._tell()

    def apply(self, before: RemoteDisplaySettings, after: RemoteDisplaySettings) -> None:
        """Follow changed settings: clients are disconnected.

        Raises:
            ApiError: a server cannot be opened so; the one before goes on.
        """
        if before == after:
            return
        old_enabled, old = self._enabled, self._effective(before)
        if before.enabled != after.enabled:
            self._enabled = None  # somebody has decided anew
        wanted = self._effective(after)
        with self._lock:
            self._shut()
            try:
                if wanted.enabled:
                    self._open(wanted)
            except Exception as error:
                self._enabled = old_enabled
                self._reopen(old)
                raise api_error(error) from error
        self._tell()

    def stop(self) -> None:
        """Disconnect all clients and cease to listen."""
        with self._lock:
            self._shut()

    def _effective(self, settings: RemoteDisplaySettings) -> RemoteDisplaySettings:
        result = copy.deepcopy(settings)
        if self._enabled is not None:
            result.enabled = self._enabled
        properties = {**result.properties, **self._properties}
        result.properties = {name: value for name, value in properties.items() if value}
        return result

    def _open(self, settings: RemoteDisplaySettings) -> None:
        # Machines without a server shall not load it.
        from app.vrde.module import ServerOrder, find_module

        console = self._console
        order = ServerOrder(
            machine=console.machine,
            folder=Path(console.start_info.machine_folder),
            settings=settings,
            secrets=dict(console.settings.extra_data),
            changed=self._client_changed,
        )
        module = find_module(self._module_name(settings))
        self._server = module.open_server(ConsoleDisplayHost(console), order)
        info = self._server.info()
        _logger.info("Remote display: listening on %s, port %d", info.address, info.port)

    def _module_name(self, settings: RemoteDisplaySettings) -> str:
        usual = self._console.start_info.properties.default_vrde_extpack
        return settings.extension_pack or usual

    def _reopen(self, settings: RemoteDisplaySettings) -> None:
        if not settings.enabled:
            return
        try:
            self._open(settings)
        except ApiError as error:
            _logger.warning("Remote display: it does not go on: %s", error.message)

    def _shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            _logger.info("Remote display: it is closed")

    def _tell(self) -> None:
        info = self.info
        port = info.port if info is not None else -1
        self._console.tell(events.RemoteDisplayChanged(port))
        self._console.session.report_remote_display(server=True)

    def _client_changed(self) -> None:
        self._console.session.report_remote_display(server=False)
