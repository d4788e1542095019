"""Network: eight tabs, one per adapter."""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.fields.simple import path_editor
from app.manager.settings_dialog.network import fields
from app.manager.settings_dialog.spec import (
    FieldSpec,
    Heading,
    Level,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.manager.widgets.file_picker import PickMode
from app.settings.enums import Attachment
from app.settings.model import MachineSettings

_TITLES: Final = tuple(
    str(title)
    for title in (
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &1"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &2"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &3"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &4"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &5"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &6"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &7"),
        QT_TRANSLATE_NOOP("SettingsDialog", "Adapter &8"),
    )
)
_OFF: Final = str(QT_TRANSLATE_NOOP("SettingsDialog", "The adapter is switched off."))
_NAMES: Final = (
    ("bridged_interface", Attachment.BRIDGED, fields.bridged),
    ("internal_network", Attachment.INTERNAL, fields.internal),
    ("host_only_interface", Attachment.HOST_ONLY, fields.host_only),
    ("host_only_network", Attachment.HOST_ONLY_NETWORK, fields.host_only_network),
    ("nat_network", Attachment.NAT_NETWORK, fields.nat_network),
    ("generic_driver", Attachment.GENERIC, fields.generic),
    ("cloud_network", Attachment.CLOUD, fields.cloud_network),
)
_NAT: Final = (
    "network", "host_ip", "localhost_reachable", "forward_broadcast", "dns_pass_domain",
    "dns_use_proxy", "dns_use_host_resolver", "mtu", "socket_receive_kb", "socket_send_kb",
    "tcp_receive_kb", "tcp_send_kb", "alias_logging", "alias_proxy_only", "alias_use_same_ports",
    "tftp_prefix", "tftp_boot_file", "tftp_next_server",
)  # fmt: skip


def _tab(slot: int, title: str) -> TabSpec:
    adapter = f"hardware.network_adapters[{slot}]"
    level = Level.BASIC if slot == 0 else Level.EXPERT

    def enabled(settings: MachineSettings) -> bool:
        return bool(setting_path.read(settings, f"{adapter}.enabled"))

    def attached_to(mode: Attachment) -> Requirement:
        def holds(settings: MachineSettings) -> bool:
            chosen = setting_path.read(settings, f"{adapter}.attachment")
            return enabled(settings) and bool(chosen == mode)

        return Requirement(holds)

    needed = Requirement(enabled, _OFF)
    nat = attached_to(Attachment.NAT)
    names = (
        FieldSpec(f"{adapter}.{name}", level, editor=editor, requires=attached_to(mode))
        for name, mode, editor in _NAMES
    )
    return TabSpec(
        title,
        (
            FieldSpec(f"{adapter}.enabled", level),
            FieldSpec(f"{adapter}.attachment", level, requires=needed),
            *names,
            FieldSpec(
                f"{adapter}.generic_properties", requires=attached_to(Attachment.GENERIC)
            ),
            FieldSpec(
                f"{adapter}.nat.forwardings", level, editor=fields.forwardings, requires=nat
            ),
            Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Advanced"))),
            FieldSpec(f"{adapter}.type", requires=needed),
            FieldSpec(f"{adapter}.promiscuous_mode", requires=needed),
            FieldSpec(f"{adapter}.mac_address", editor=fields.mac_address, requires=needed),
            FieldSpec(f"{adapter}.cable_connected", requires=needed),
            FieldSpec(f"{adapter}.speed_kbps", requires=needed),
            FieldSpec(f"{adapter}.boot_priority", requires=needed),
            FieldSpec(
                f"{adapter}.bandwidth_group", editor=fields.bandwidth_group, requires=needed
            ),
            FieldSpec(f"{adapter}.trace", requires=needed),
            FieldSpec(
                f"{adapter}.trace_file", editor=path_editor(PickMode.SAVE_FILE), requires=needed
            ),
            Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "NAT engine"))),
            *(FieldSpec(f"{adapter}.nat.{name}", requires=nat) for name in _NAT),
        ),
    )


declare(
    PageSpec(
        "network",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Network")),
        "network",
        60,
        tuple(_tab(slot, title) for slot, title in enumerate(_TITLES)),
    )
)
