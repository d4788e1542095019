"""Preferences, page Proxy: how Vitrine itself reaches the network."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.api.structs import SystemProperties
from app.manager.preferences.page import PreferencePage
from app.manager.settings_dialog.spec import Level
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.paged_dialog import Problem

_SYSTEM, _NONE, _MANUAL = 0, 1, 2
_WORDS = {_SYSTEM: "system", _NONE: "noproxy", _MANUAL: "manual"}
_SCHEMES = ("http", "https", "socks", "socks4", "socks5")


class ProxyPreferences(PreferencePage):
    """The proxy of the system, none, or one by its address."""

    def __init__(self, properties: SystemProperties) -> None:
        super().__init__()
        self._properties = properties
        self._group = QButtonGroup(self)
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        self.modes: dict[int, QRadioButton] = {}
        for mode, text in (
            (_SYSTEM, self.tr("&Auto-detect Host Proxy Settings")),
            (_NONE, self.tr("&Direct Connection to the Internet")),
            (_MANUAL, self.tr("&Manual Proxy Configuration")),
        ):
            button = QRadioButton(text, holder)
            self._group.addButton(button, mode)
            column.addWidget(button)
            self.modes[mode] = button
        self.url = QLineEdit(self)
        self.url.setPlaceholderText("http://proxy.example.com:3128")
        self.message = FieldMessage(self)
        self.add_row(
            self.tr("Connection:"),
            holder,
            self.tr("How Vitrine itself reaches the Internet; guests are not concerned."),
            level=Level.EXPERT,
            title=self.tr("Proxy"),
            focus=self.modes[_SYSTEM],
        )
        for button in self.modes.values():
            button.setAccessibleName(button.text().replace("&", ""))
        self.add_row(
            self.tr("&URL:"),
            self.url,
            self.tr("Address of the proxy, with its port."),
            level=Level.EXPERT,
            title=self.tr("Proxy URL"),
        )
        self.form.addRow("", self.message)
        self.modes.get(properties.proxy_mode, self.modes[_SYSTEM]).setChecked(True)
        self.url.setText(properties.proxy_url)
        self._follow_mode()
        self._group.idToggled.connect(self._follow_mode)
        self.url.textChanged.connect(self.changed)

    @property
    def mode(self) -> int:
        """The chosen mode, as the property has it."""
        return self._group.checkedId()

    def _follow_mode(self) -> None:
        manual = self.mode == _MANUAL
        self.url.setEnabled(manual)
        self.url.setToolTip(
            self.tr("Address of the proxy, with its port.")
            if manual
            else self.tr("Only a manual configuration has an address.")
        )
        self.changed.emit()

    def property_changes(self) -> Mapping[str, str]:
        """Return what differs, by the names of ``system_properties.set_property``."""
        changes: dict[str, str] = {}
        if self.mode != self._properties.proxy_mode:
            changes["proxymode"] = _WORDS[self.mode]
        if self.url.text().strip() != self._properties.proxy_url:
            changes["proxyurl"] = self.url.text().strip()
        return changes

    def problems(self) -> Sequence[Problem]:
        """Return what is wrong with the address."""
        text = self._url_problem() if self.mode == _MANUAL else ""
        self.message.show_message(text)
        problems = [Problem(Severity.ERROR, text)] if text else []
        if not text and self.mode == _MANUAL and urlsplit(self.url.text()).password:
            sentence = self.tr("The password of the proxy is stored as plain text.")
            self.message.show_message(sentence, Severity.WARNING)
            problems.append(Problem(Severity.WARNING, sentence))
        return problems

    def _url_problem(self) -> str:
        text = self.url.text().strip()
        if not text:
            return self.tr("Enter the address of the proxy.")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            return self.tr("The port of the proxy must be a number from 1 to 65535.")
        if parts.scheme not in _SCHEMES or not parts.hostname:
            return self.tr("The address must look like http://proxy.example.com:3128.")
        if port == 0:
            return self.tr("The port of the proxy must be a number from 1 to 65535.")
        return ""
