"""What the actions on networks do: questions, calls to the service, errors in plain words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from app.api.errors import ApiError
from app.api.hoststructs import HostNetworkInterface
from app.common.messages import Choice, ask
from app.manager.network.store import NetworkStore
from app.manager.notifications.center import NotificationCenter
from app.manager.service_link import ServiceLink
from app.settings.netservices import DhcpServer, NatNetwork

Step = tuple[str, dict[str, Any]]


class NetworkCommands(QObject):
    """Commands on networks.

    Signals:
        network_made(str): a network was created or renamed; carries its name.
    """

    network_made = Signal(str)

    def __init__(
        self,
        link: ServiceLink,
        store: NetworkStore,
        notifications: NotificationCenter,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._store = store
        self._notifications = notifications
        self._widget = parent

    # -- host-only networks --------------------------------------------------------------------

    def create_host_only(self) -> None:
        """Create a host-only interface with a network of its own."""

        def made(interface: HostNetworkInterface) -> None:
            self.network_made.emit(interface.name)

        self._notifications.run(
            self,
            self.tr("Creating a host-only network"),
            "host.create_host_only_interface",
            {},
            made,
            failure=self.tr("The host-only network could not be created"),
        )

    def remove_host_only(self, interface: HostNetworkInterface) -> QMessageBox:
        """Remove INTERFACE and the DHCP server of its network after asking."""
        return self._ask_to_remove(
            interface.name,
            lambda: self._run_steps(
                self.tr("The network “{name}” could not be removed").format(name=interface.name),
                [("host.remove_host_only_interface", {"name": interface.name})],
            ),
        )

    def apply_host_only(
        self,
        name: str,
        adapter: dict[str, Any] | None,
        server: tuple[str, DhcpServer] | None,
    ) -> None:
        """Store the addresses of an interface and the DHCP server of its network.

        Args:
            name: of the interface.
            adapter: parameters of ``host.configure_host_only_interface``; None: no change.
            server: method and server; None: no change.
        """
        steps: list[Step] = []
        if adapter is not None:
            steps.append(("host.configure_host_only_interface", adapter))
        if server is not None:
            steps.append((server[0], {"server": server[1]}))
        self._run_steps(self._change_failure(name), steps)

    # -- NAT networks --------------------------------------------------------------------------

    def create_nat(self) -> None:
        """Create a NAT network with VirtualBox's usual settings and an unused name."""
        names = {network.name for network in self._store.nat_networks()}
        prefixes = {network.network for network in self._store.nat_networks()}
        name, number = "NatNetwork", 0
        while name in names:
            number += 1
            name = f"NatNetwork{number}"
        network = NatNetwork(name=name, network=_free_prefix(prefixes))
        self._run_steps(
            self.tr("The NAT network could not be created"),
            [("nat_network.create", {"network": network})],
            lambda: self.network_made.emit(name),
        )

    def remove_nat(self, network: NatNetwork) -> QMessageBox:
        """Remove NETWORK after asking."""
        return self._ask_to_remove(
            network.name,
            lambda: self._run_steps(
                self.tr("The network “{name}” could not be removed").format(name=network.name),
                [("nat_network.remove", {"name": network.name})],
            ),
        )

    def apply_nat(self, old_name: str, network: NatNetwork) -> None:
        """Store NETWORK, whose name was OLD_NAME."""
        if network.name == old_name:
            self._run_steps(
                self._change_failure(old_name), [("nat_network.modify", {"network": network})]
            )
            return
        # The name is what a network is known by: the new one exists before the old one goes.
        self._run_steps(
            self._change_failure(old_name),
            [
                ("nat_network.create", {"network": network}),
                ("nat_network.remove", {"name": old_name}),
            ],
            lambda: self.network_made.emit(network.name),
        )

    # -- parts ---------------------------------------------------------------------------------

    def _change_failure(self, name: str) -> str:
        return self.tr("The network “{name}” could not be changed").format(name=name)

    def _ask_to_remove(self, name: str, remove: Callable[[], None]) -> QMessageBox:
        return ask(
            self._widget,
            self.tr("Remove network"),
            self.tr("Remove the network “{name}”?").format(name=name),
            (
                Choice(self.tr("&Remove"), QMessageBox.ButtonRole.AcceptRole, remove),
                Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
            ),
            explanation=self.tr(
                "Network adapters of machines that are attached to it have no connection until "
                "they are attached to another network."
            ),
        )

    def _run_steps(
        self,
        failure: str,
        steps: Sequence[Step],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Call the methods of STEPS one after the other; the first error ends it."""
        if not steps:
            done()
            return
        method, params = steps[0]

        def failed(error: ApiError) -> None:
            self._notifications.show_error(failure, error.message)

        following = partial(self._run_steps, failure, steps[1:], done)
        self._link.call(self, method, params, lambda _result: following(), failed)


def _free_prefix(taken: set[str]) -> str:
    """Return 10.0.2.0/24, VirtualBox's usual network, or the next one that is not taken."""
    for third in (2, *range(3, 256)):
        prefix = f"10.0.{third}.0/24"
        if prefix not in taken:
            return prefix
    return "10.0.2.0/24"
