"""The network manager: host-only and NAT networks, and what can be done with them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.api.hoststructs import HostNetworkInterface
from app.common.icons import icon
from app.common.translation import tr
from app.manager.network.checks import is_ipv4, is_mask, prefix_length
from app.manager.network.commands import NetworkCommands
from app.manager.network.host_only_panel import HostOnlyPanel
from app.manager.network.nat_panel import NatPanel
from app.manager.network.store import NetworkStore
from app.manager.tool import ToolPane, Workspace
from app.manager.widgets.field_message import FieldMessage, Severity
from app.settings.netservices import DhcpServer, NatNetwork

HOST_ONLY, NAT = range(2)
_NAME_ROLE: Final = Qt.ItemDataRole.UserRole
_DETAILS_KEY: Final = "GUI/HostNetworkManager/Details/Expanded"
_FALSE: Final = "false"
_TRUE: Final = "true"
_CONTEXT: Final = ("network-create", "network-remove", "network-properties")


class NetworkPane(ToolPane):
    """Tabs with a list for each kind of network, the fields of the selected one below.

    Attributes:
        store: the known networks.
        commands: what the actions do.
        tabs: Host-only Networks and NAT Networks.
        lists: the list of each tab.
        host_only: fields of a host-only network.
        nat: fields of a NAT network.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._wanted = ""
        self.store = NetworkStore(workspace.link, self)
        self.commands = NetworkCommands(workspace.link, self.store, workspace.notifications, self)
        self.note = FieldMessage(self)
        self.note.show_message(
            self.tr(
                "Networks are configured here and kept in the settings. This version does not yet "
                "run them: adapters of machines that are attached to one have no connection."
            ),
            Severity.NOTE,
        )
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Kinds of networks"))
        self.lists: list[QTreeWidget] = []
        self._pages: list[QStackedWidget] = []
        self._empty_notes: list[QLabel] = []
        self._add_tab(
            "network-host-only",
            self.tr("Host-&only Networks"),
            [self.tr("Name"), self.tr("IPv4 Prefix"), self.tr("IPv6 Prefix"),
             self.tr("DHCP Server")],
        )  # fmt: skip
        self._add_tab(
            "network-nat",
            self.tr("NA&T Networks"),
            [self.tr("Name"), self.tr("IPv4 Prefix"), self.tr("IPv6 Prefix"),
             self.tr("DHCP Server")],
        )  # fmt: skip
        self.host_only = HostOnlyPanel(self)
        self.nat = NatPanel(self)
        self.hint = QLabel(self.tr("Select a network to see and change its settings."), self)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.details = QStackedWidget(self)
        for panel in (self.hint, self.host_only, self.nat):
            self.details.addWidget(panel)
        self._build()
        self._connect()
        workspace.memory.recall(
            _DETAILS_KEY, lambda value: self._show_details(shown=value != _FALSE, store=False)
        )

    def _add_tab(self, icon_name: str, title: str, columns: list[str]) -> None:
        tree = QTreeWidget(self)
        tree.setAccessibleName(title.replace("&", ""))
        tree.setHeaderLabels(columns)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setAlternatingRowColors(True)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 140), (2, 190), (3, 100)):
            header.resizeSection(column, width)
        tree.addActions([self._workspace.actions[name] for name in _CONTEXT])
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        tree.itemSelectionChanged.connect(self._on_selected)
        tree.itemActivated.connect(lambda: self._show_details(shown=True))
        note = QLabel(self.tr("Asking for the networks…"), self)
        note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        note.setWordWrap(True)
        note.setMargin(24)
        page = QStackedWidget(self)
        page.addWidget(note)
        page.addWidget(tree)
        self.lists.append(tree)
        self._pages.append(page)
        self._empty_notes.append(note)
        self.tabs.addTab(page, icon(icon_name), title)

    def _build(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tabs)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([220, 320])
        top = QWidget(self)
        top_layout = QVBoxLayout(top)
        top_layout.setContentsMargins(12, 6, 12, 6)
        top_layout.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.store.changed.connect(self._fill)
        self.store.failed.connect(self._on_failed)
        self.commands.network_made.connect(self.select_network)
        self.tabs.currentChanged.connect(self._on_selected)
        self.host_only.apply_requested.connect(self._apply_host_only)
        self.nat.apply_requested.connect(self._apply_nat)

    # -- what is shown -------------------------------------------------------------------------

    @property
    def selected_name(self) -> str:
        """Name of the selected network of the open tab; empty when there is none."""
        for item in self.lists[self.tabs.currentIndex()].selectedItems():
            return str(item.data(0, _NAME_ROLE))
        return ""

    @property
    def interface(self) -> HostNetworkInterface | None:
        """The selected host-only interface while their tab is open."""
        name = self.selected_name if self.tabs.currentIndex() == HOST_ONLY else ""
        return next((each for each in self.store.interfaces() if each.name == name), None)

    @property
    def nat_network(self) -> NatNetwork | None:
        """The selected NAT network while their tab is open."""
        name = self.selected_name if self.tabs.currentIndex() == NAT else ""
        return next((each for each in self.store.nat_networks() if each.name == name), None)

    def select_network(self, name: str) -> None:
        """Select the network NAME in the open tab, now or as soon as it is known."""
        tree = self.lists[self.tabs.currentIndex()]
        self._wanted = name
        for row in range(tree.topLevelItemCount()):
            item = tree.topLevelItem(row)
            if item is not None and item.data(0, _NAME_ROLE) == name:
                self._wanted = ""
                tree.setCurrentItem(item)

    def _fill(self) -> None:
        self._fill_list(
            HOST_ONLY,
            [
                _host_only_texts(each, self.store.dhcp_server(each.network_name))
                for each in self.store.interfaces()
            ],
            "network-host-only",
            self.tr(
                "There is no host-only network yet. Create makes one, which connects machines "
                "with each other and with this computer."
            ),
        )
        self._fill_list(
            NAT,
            [_nat_texts(each) for each in self.store.nat_networks()],
            "network-nat",
            self.tr(
                "There is no NAT network yet. Create makes one, which connects machines with each "
                "other and, through this computer, with the world outside."
            ),
        )
        if self._wanted:
            self.select_network(self._wanted)
        self._on_selected()

    def _fill_list(
        self, place: int, rows: list[tuple[str, ...]], icon_name: str, empty_note: str
    ) -> None:
        tree = self.lists[place]
        selected = [item.data(0, _NAME_ROLE) for item in tree.selectedItems()]
        tree.blockSignals(True)
        tree.clear()
        for texts in rows:
            item = QTreeWidgetItem(list(texts))
            item.setIcon(0, icon(icon_name))
            item.setData(0, _NAME_ROLE, texts[0])
            tree.addTopLevelItem(item)
            if texts[0] in selected or (not selected and tree.topLevelItemCount() == 1):
                tree.setCurrentItem(item)
        tree.blockSignals(False)
        self._empty_notes[place].setText(empty_note)
        self._pages[place].setCurrentIndex(1 if rows else 0)

    def _on_failed(self, reason: str) -> None:
        if not self.store.is_loaded:
            text = self.tr("The networks cannot be shown: {reason}").format(reason=reason)
            for note in self._empty_notes:
                note.setText(text)

    def _on_selected(self) -> None:
        interface, network = self.interface, self.nat_network
        if interface is not None:
            server = self.store.dhcp_server(interface.network_name)
            self.host_only.show_network(interface, server)
            self.details.setCurrentWidget(self.host_only)
        elif network is not None:
            others = [each.name for each in self.store.nat_networks() if each is not network]
            self.nat.show_network(network, others)
            self.details.setCurrentWidget(self.nat)
        else:
            self.details.setCurrentWidget(self.hint)
        self.actions_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what changes while the pane is seen."""
        super().showEvent(event)
        self.store.watch()
        self._check_toggle()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the service no more."""
        self.store.watch(watched=False)
        super().hideEvent(event)

    def _show_details(self, *, shown: bool, store: bool = True) -> None:
        self.details.setVisible(shown)
        self._check_toggle()
        if store:
            self._workspace.memory.store(_DETAILS_KEY, _TRUE if shown else _FALSE)

    def _check_toggle(self) -> None:
        self._workspace.actions["network-properties"].setChecked(not self.details.isHidden())

    # -- actions -------------------------------------------------------------------------------

    def perform(self, action: str) -> None:
        """Do what ACTION says to the selected network or the open tab."""
        interface, network = self.interface, self.nat_network
        match action:
            case "network-create" if self.tabs.currentIndex() == HOST_ONLY:
                self.commands.create_host_only()
            case "network-create":
                self.commands.create_nat()
            case "network-remove" if interface is not None:
                self.commands.remove_host_only(interface)
            case "network-remove" if network is not None:
                self.commands.remove_nat(network)
            case "network-properties":
                self._show_details(shown=self.details.isHidden())
            case "network-refresh":
                self.store.refresh()

    def reason(self, action: str) -> str:
        """Return why ACTION cannot be performed now, or an empty string."""
        if action == "network-remove" and not self.selected_name:
            return self.tr("No network is selected.")
        return ""

    def _apply_host_only(self) -> None:
        panel = self.host_only
        if panel.interface is not None:
            self.commands.apply_host_only(
                panel.interface.name, panel.adapter_params(), panel.changed_server()
            )

    def _apply_nat(self) -> None:
        old, changed = self.nat.network, self.nat.changed_network()
        if old is not None and changed is not None:
            self.commands.apply_nat(old.name, changed)


def _host_only_texts(
    interface: HostNetworkInterface, server: DhcpServer | None
) -> tuple[str, ...]:
    ipv4 = tr("automatic") if interface.dhcp else interface.ip_address
    if is_ipv4(ipv4) and is_mask(interface.network_mask):
        ipv4 = f"{ipv4}/{prefix_length(interface.network_mask)}"
    ipv6 = ""
    if interface.ipv6_address:
        ipv6 = f"{interface.ipv6_address}/{interface.ipv6_prefix_length}"
    served = server is not None and server.enabled
    return interface.name, ipv4, ipv6, _enabled_text(served)


def _nat_texts(network: NatNetwork) -> tuple[str, ...]:
    ipv6 = network.ipv6_prefix if network.ipv6 else ""
    return network.name, network.network, ipv6, _enabled_text(network.need_dhcp)


def _enabled_text(enabled: bool) -> str:
    return tr("Enabled") if enabled else tr("Disabled")
