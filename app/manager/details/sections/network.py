"""Network: one line for each adapter that is switched on."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section
from app.manager.settings_dialog.fields.vocabulary import ADAPTER_TYPES, ATTACHMENTS
from app.manager.words import word
from app.settings.enums import Attachment
from app.settings.network import NetworkAdapter


@details_section(
    "network",
    title=str(QT_TRANSLATE_NOOP("Details", "Network")),
    icon_name="network",
    page="network",
    order=60,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return model and attachment of each adapter."""
    lines = []
    for adapter in subject.settings.hardware.network_adapters:
        if not adapter.enabled:
            continue
        attached = word(ATTACHMENTS, adapter.attachment)
        name = _network_name(adapter)
        if name:
            attached = tr("{attachment}, “{name}”").format(attachment=attached, name=name)
        value = f"{word(ADAPTER_TYPES, adapter.type)} ({attached})"
        lines.append(Row(tr("Adapter {number}").format(number=adapter.slot + 1), value))
    return lines or [Row(tr("Adapters"), tr("None"))]


def _network_name(adapter: NetworkAdapter) -> str:
    """Return the interface or network that an adapter is attached to, if it has a name."""
    names: dict[str, str] = {
        Attachment.BRIDGED: adapter.bridged_interface,
        Attachment.INTERNAL: adapter.internal_network,
        Attachment.HOST_ONLY: adapter.host_only_interface,
        Attachment.HOST_ONLY_NETWORK: adapter.host_only_network,
        Attachment.NAT_NETWORK: adapter.nat_network,
        Attachment.GENERIC: adapter.generic_driver,
    }
    return names.get(adapter.attachment, "")
