"""The networks that the service knows, kept up to date while somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.errors import ApiError
from app.api.hoststructs import HostInterfaceType, HostNetworkInterface
from app.manager.service_link import ServiceLink
from app.settings.netservices import DhcpServer, NatNetwork

# Changing an interface and its DHCP server gives two events.
_PATIENCE_MS: Final = 100

_LISTS: Final[dict[str, dict[str, Any]]] = {
    "host.list_network_interfaces": {"type": HostInterfaceType.HOST_ONLY},
    "dhcp_server.list_all": {},
    "nat_network.list_all": {},
}


class NetworkStore(QObject):
    """Host-only interfaces, DHCP servers and NAT networks.

    Signals:
        changed(): all of them were fetched.
        failed(str): they could not be fetched; a sentence.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, link: ServiceLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._lists: dict[str, tuple[Any, ...]] = {}
        self._awaited: set[str] = set()
        self._outdated = True
        self._watched = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PATIENCE_MS)
        self._soon.timeout.connect(self._fetch_outdated)
        link.networks_changed.connect(self._on_changed)
        link.machines_loaded.connect(self._on_changed)

    @property
    def is_loaded(self) -> bool:
        """Whether everything was fetched at least once."""
        return len(self._lists) == len(_LISTS)

    def interfaces(self) -> Sequence[HostNetworkInterface]:
        """Return the host-only interfaces."""
        return self._lists.get("host.list_network_interfaces", ())

    def nat_networks(self) -> Sequence[NatNetwork]:
        """Return the NAT networks."""
        return self._lists.get("nat_network.list_all", ())

    def dhcp_server(self, network_name: str) -> DhcpServer | None:
        """Return the DHCP server of a network, or None when it has none."""
        servers: Sequence[DhcpServer] = self._lists.get("dhcp_server.list_all", ())
        return next((each for each in servers if each.network_name == network_name), None)

    def watch(self, watched: bool = True) -> None:
        """Fetch what has changed, and follow from now on; or stop that."""
        self._watched = watched
        if watched:
            self._fetch_outdated()

    def refresh(self) -> None:
        """Fetch everything anew."""
        self._outdated = True
        self._fetch_outdated()

    def _on_changed(self) -> None:
        self._outdated = True
        if self._watched:
            self._soon.start()

    def _fetch_outdated(self) -> None:
        self._soon.stop()
        if not self._outdated or self._awaited:
            return
        self._outdated = False
        self._awaited = set(_LISTS)
        for method, params in _LISTS.items():
            self._link.call(
                self, method, params, partial(self._put, method), partial(self._on_failed, method)
            )

    def _put(self, method: str, found: list[Any]) -> None:
        self._lists[method] = tuple(found)
        self._finish(method)

    def _on_failed(self, method: str, error: ApiError) -> None:
        self._outdated = True
        self.failed.emit(error.message)
        self._awaited.discard(method)

    def _finish(self, method: str) -> None:
        self._awaited.discard(method)
        if self._awaited or not self.is_loaded:
            return
        self.changed.emit()
        if self._watched and self._outdated:
            self._soon.start()
