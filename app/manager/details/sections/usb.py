"""USB: controllers and device filters."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section


@details_section(
    "usb",
    title=str(QT_TRANSLATE_NOOP("Details", "USB")),
    icon_name="usb",
    page="usb",
    order=80,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return the controllers, and how many filters there are and work."""
    hardware = subject.settings.hardware
    if not hardware.usb_controllers:
        return [Row(tr("USB Controller"), tr("None"))]
    controllers = ", ".join(controller.type for controller in hardware.usb_controllers)
    active = sum(1 for usb_filter in hardware.usb_filters if usb_filter.active)
    filters = tr("{count} ({active} active)").format(
        count=len(hardware.usb_filters), active=active
    )
    return [Row(tr("USB Controller"), controllers), Row(tr("Device Filters"), filters)]
