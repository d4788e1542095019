"""A NAT network: its addresses and the ports that lead into it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.manager.network.checks import nat_problem
from app.manager.network.forwarding import ForwardingEditor
from app.manager.network.panel import NetworkPanel
from app.settings.netservices import NatNetwork


class NatPanel(NetworkPanel):
    """Tabs General Options and Port Forwarding."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network: NatNetwork | None = None
        self._others: tuple[str, ...] = ()
        self.add_page(self._new_general_page(), self.tr("&General Options"))
        self.add_page(self._new_forwarding_page(), self.tr("Port For&warding"))
        self.follow(
            (
                self.enabled, self.name, self.prefix, self.dhcp, self.ipv6, self.ipv6_prefix,
                self.route, self.rules, self.rules6,
            )
        )  # fmt: skip

    def _new_general_page(self) -> QWidget:
        page = QWidget(self)
        self.enabled = QCheckBox(self.tr("&Enable Network"), page)
        self.name = QLineEdit(page)
        self.name.setAccessibleName(self.tr("Name"))
        self.prefix = QLineEdit(page)
        self.prefix.setAccessibleName(self.tr("IPv4 prefix"))
        self.dhcp = QCheckBox(self.tr("Enable &DHCP"), page)
        self.ipv6 = QCheckBox(self.tr("Enable &IPv6"), page)
        self.ipv6_prefix = QLineEdit(page)
        self.ipv6_prefix.setAccessibleName(self.tr("IPv6 prefix"))
        self.ipv6_prefix.setPlaceholderText(self.tr("made from the IPv4 prefix"))
        self.route = QCheckBox(self.tr("Advertise Default IPv6 &Route"), page)
        form = QFormLayout(page)
        form.setContentsMargins(12, 10, 12, 8)
        form.setVerticalSpacing(8)
        form.addRow("", self.enabled)
        form.addRow(self.tr("Na&me:"), self.name)
        form.addRow(self.tr("IPv4 &Prefix:"), self.prefix)
        form.addRow("", self.dhcp)
        form.addRow("", self.ipv6)
        form.addRow(self.tr("IPv6 Prefi&x:"), self.ipv6_prefix)
        form.addRow("", self.route)
        return page

    def _new_forwarding_page(self) -> QWidget:
        page = QWidget(self)
        self.rules = ForwardingEditor(guest_needed=True, parent=page)
        self.rules6 = ForwardingEditor(ipv6=True, guest_needed=True, parent=page)
        self.families = QTabWidget(page)
        self.families.setTabPosition(QTabWidget.TabPosition.South)
        self.families.addTab(self.rules, self.tr("IPv&4"))
        self.families.addTab(self.rules6, self.tr("IPv&6"))
        page.setMinimumHeight(130)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.addWidget(self.families)
        return page

    @property
    def network(self) -> NatNetwork | None:
        """The network that is shown."""
        return self._network

    def show_network(self, network: NatNetwork, others: Sequence[str]) -> None:
        """Show NETWORK.

        Args:
            network: what to show.
            others: names of the other NAT networks.
        """
        same = self._network is not None and self._network.name == network.name
        self._network, self._others = network, tuple(others)
        self.put(
            [
                network.enabled, network.name, network.network, network.need_dhcp, network.ipv6,
                network.ipv6_prefix, network.advertise_ipv6_route, network.forwardings,
                network.forwardings6,
            ],
            keep_edits=same,
        )  # fmt: skip

    def enable_fields(self) -> None:
        """Enable what belongs to IPv6 when the network has that."""
        has_ipv6 = self.ipv6.isChecked()
        for field in (self.ipv6_prefix, self.route):
            field.setEnabled(has_ipv6)
            field.setToolTip("" if has_ipv6 else self.tr("The network has no IPv6."))

    def problem(self) -> str:
        """Return what is wrong with addresses or rules."""
        return (
            nat_problem(
                self.name.text().strip(), self.prefix.text().strip(),
                self.ipv6_prefix.text().strip(), self._others,
            )
            or self.rules.problem()
            or self.rules6.problem()
        )  # fmt: skip

    def note(self) -> str:
        """Say what another name means for machines."""
        if self._network is None or self.name.text().strip() == self._network.name:
            return ""
        return self.tr(
            "Network adapters that are attached to “{name}” must be attached to the new name."
        ).format(name=self._network.name)

    def changed_network(self) -> NatNetwork | None:
        """Return the network as it was edited; None when there is none."""
        if self._network is None:
            return None
        return msgspec.structs.replace(
            self._network,
            enabled=self.enabled.isChecked(),
            name=self.name.text().strip(),
            network=self.prefix.text().strip(),
            need_dhcp=self.dhcp.isChecked(),
            ipv6=self.ipv6.isChecked(),
            ipv6_prefix=self.ipv6_prefix.text().strip(),
            advertise_ipv6_route=self.route.isChecked(),
            forwardings=self.rules.rules(),
            forwardings6=self.rules6.rules(),
        )
