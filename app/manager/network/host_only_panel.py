"""A host-only network: the adapter of the host and the DHCP server."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.api.hoststructs import HostNetworkInterface
from app.manager.network.checks import adapter_problem, dhcp_problem, suggested_dhcp
from app.manager.network.panel import NetworkPanel
from app.settings.netservices import DhcpServer

_USUAL_IPV6_PREFIX = 64


class HostOnlyPanel(NetworkPanel):
    """Tabs Adapter and DHCP Server."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._interface: HostNetworkInterface | None = None
        self._server: DhcpServer | None = None
        self.add_page(self._new_adapter_page(), self.tr("&Adapter"))
        self.add_page(self._new_server_page(), self.tr("DH&CP Server"))
        self.follow(
            (
                self.automatic, self.manual, self.address, self.ipv4_mask, self.ipv6_address,
                self.ipv6_prefix, self.enabled, self.server_address, self.server_mask,
                self.lower_bound, self.upper_bound,
            )
        )  # fmt: skip
        self.enabled.clicked.connect(self._suggest_server)

    def _new_line(self, page: QWidget, form: QFormLayout, caption: str, name: str) -> QLineEdit:
        line = QLineEdit(page)
        line.setAccessibleName(name)
        form.addRow(caption, line)
        return line

    def _new_adapter_page(self) -> QWidget:
        page = QWidget(self)
        self.automatic = QRadioButton(self.tr("Configure Adapter A&utomatically"), page)
        self.automatic.setToolTip(
            self.tr("A DHCP client of the host gives the adapter its IPv4 address.")
        )
        self.manual = QRadioButton(self.tr("Configure Adapter &Manually"), page)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.setContentsMargins(20, 0, 0, 0)
        self.address = self._new_line(
            page, form, self.tr("&IPv4 Address:"), self.tr("IPv4 address")
        )
        self.ipv4_mask = self._new_line(
            page, form, self.tr("IPv4 Network Mas&k:"), self.tr("IPv4 network mask")
        )
        self.ipv6_address = self._new_line(
            page, form, self.tr("I&Pv6 Address:"), self.tr("IPv6 address")
        )
        self.ipv6_prefix = QSpinBox(page)
        self.ipv6_prefix.setRange(1, 128)
        self.ipv6_prefix.setAccessibleName(self.tr("IPv6 prefix length"))
        form.addRow(self.tr("IPv6 Prefix &Length:"), self.ipv6_prefix)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.addWidget(self.automatic)
        layout.addWidget(self.manual)
        layout.addLayout(form)
        layout.addStretch(1)
        return page

    def _new_server_page(self) -> QWidget:
        page = QWidget(self)
        self.enabled = QCheckBox(self.tr("&Enable Server"), page)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.setContentsMargins(20, 0, 0, 0)
        self.server_address = self._new_line(
            page, form, self.tr("Server A&ddress:"), self.tr("Server address")
        )
        self.server_mask = self._new_line(
            page, form, self.tr("Server Mas&k:"), self.tr("Server mask")
        )
        self.lower_bound = self._new_line(
            page, form, self.tr("&Lower Address Bound:"), self.tr("Lower address bound")
        )
        self.upper_bound = self._new_line(
            page, form, self.tr("&Upper Address Bound:"), self.tr("Upper address bound")
        )
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.addWidget(self.enabled)
        layout.addLayout(form)
        layout.addStretch(1)
        return page

    @property
    def interface(self) -> HostNetworkInterface | None:
        """The interface that is shown."""
        return self._interface

    def show_network(self, interface: HostNetworkInterface, server: DhcpServer | None) -> None:
        """Show INTERFACE and the DHCP server of its network."""
        same = self._interface is not None and self._interface.name == interface.name
        self._interface, self._server = interface, server
        shown = server if server is not None else DhcpServer(network_name=interface.network_name)
        self.put(
            [
                interface.dhcp, not interface.dhcp, interface.ip_address,
                interface.network_mask, interface.ipv6_address,
                interface.ipv6_prefix_length or _USUAL_IPV6_PREFIX, shown.enabled, shown.address,
                shown.network_mask, shown.lower_address, shown.upper_address,
            ],
            keep_edits=same,
        )  # fmt: skip

    def enable_fields(self) -> None:
        """Enable addresses that a person gives, and those of a server that there is."""
        by_hand = self.manual.isChecked()
        for field in (self.address, self.ipv4_mask, self.ipv6_address, self.ipv6_prefix):
            field.setEnabled(by_hand)
            field.setToolTip(
                "" if by_hand else self.tr("The adapter is configured automatically.")
            )
        served = self.enabled.isChecked()
        for field in (self.server_address, self.server_mask, self.lower_bound, self.upper_bound):
            field.setEnabled(served)
            field.setToolTip("" if served else self.tr("The server is not enabled."))

    def problem(self) -> str:
        """Return what is wrong with adapter or server."""
        if self.manual.isChecked():
            problem = adapter_problem(
                self.address.text().strip(), self.ipv4_mask.text().strip(),
                self.ipv6_address.text().strip(), self.ipv6_prefix.value(),
            )  # fmt: skip
            if problem:
                return problem
            if not self.ipv6_address.text().strip() and self._has_ipv6:
                return self.tr("An IPv6 address can be changed, but not taken away.")
        if self.enabled.isChecked():
            return dhcp_problem(
                self.server_address.text().strip(), self.server_mask.text().strip(),
                self.lower_bound.text().strip(), self.upper_bound.text().strip(),
            )  # fmt: skip
        return ""

    @property
    def _has_ipv6(self) -> bool:
        return self._interface is not None and bool(self._interface.ipv6_address)

    def _suggest_server(self, enabled: bool) -> None:
        fields = (self.server_address, self.server_mask, self.lower_bound, self.upper_bound)
        if not enabled or any(field.text().strip() for field in fields):
            return
        suggested = suggested_dhcp(self.address.text().strip(), self.ipv4_mask.text().strip())
        for field, text in zip(fields, suggested, strict=True):
            field.setText(text)

    # -- what is to be done --------------------------------------------------------------------

    def adapter_params(self) -> dict[str, Any] | None:
        """Return the parameters of ``host.configure_host_only_interface``; None: no change."""
        interface = self._interface
        if interface is None:
            return None
        by_hand: dict[str, Any] = {
            "ip_address": self.address.text().strip(),
            "network_mask": self.ipv4_mask.text().strip(),
        }
        if self.ipv6_address.text().strip():
            by_hand["ipv6_address"] = self.ipv6_address.text().strip()
            by_hand["ipv6_prefix_length"] = self.ipv6_prefix.value()
        wanted = {"dhcp": True} if self.automatic.isChecked() else {"dhcp": False, **by_hand}
        if all(getattr(interface, name) == value for name, value in wanted.items()):
            return None
        return {"name": interface.name, **wanted}

    def changed_server(self) -> tuple[str, DhcpServer] | None:
        """Return ``dhcp_server.modify`` or ``.create`` and the server; None: no change."""
        interface = self._interface
        if interface is None:
            return None
        old = self._server
        base = old if old is not None else DhcpServer(network_name=interface.network_name)
        wanted = msgspec.structs.replace(
            base,
            enabled=self.enabled.isChecked(),
            address=self.server_address.text().strip(),
            network_mask=self.server_mask.text().strip(),
            lower_address=self.lower_bound.text().strip(),
            upper_address=self.upper_bound.text().strip(),
        )
        if wanted == base:
            return None
        return ("dhcp_server.create" if old is None else "dhcp_server.modify"), wanted
