"""The information panel: what the service knows of the medium in a drive."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.api.errors import ApiError
from app.api.structs import DeviceType, MediumInfo, MediumUse, MediumVariant
from app.manager.service_link import ServiceLink
from app.manager.widgets.byte_sizes import format_size
from app.manager.widgets.field_message import FieldMessage


class MediumFacts(QWidget):
    """Type, sizes and location; asks the service once per path."""

    def __init__(self, link: ServiceLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._known: dict[str, MediumInfo | str] = {}
        self._path = ""
        self._values: dict[str, QLabel] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        for key, caption in (
            ("type", self.tr("Type (Format):")),
            ("virtual", self.tr("Virtual Size:")),
            ("actual", self.tr("Actual Size:")),
            ("details", self.tr("Details:")),
            ("location", self.tr("Location:")),
            ("attached", self.tr("Attached to:")),
            ("encrypted", self.tr("Encrypted with key:")),
        ):
            value = QLabel(self)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(caption, value)
            self._values[key] = value
        self.problem = FieldMessage(self)
        form.addRow(self.problem)

    def text(self, key: str) -> str:
        """Return what is shown for KEY: type, virtual, actual, details, location, attached..."""
        return self._values[key].text()

    def show_medium(self, path: str, device_type: str, host_drive: str = "") -> None:
        """Show the image PATH of a drive of DEVICE_TYPE; an empty path clears the panel.

        Args:
            path: image file.
            device_type: kind of drive.
            host_drive: drive of the host that is used instead of an image.
        """
        self._path = path
        self.problem.clear()
        for label in self._values.values():
            label.setText("--")
        if host_drive:
            self._values["type"].setText(self.tr("Host Drive"))
            self._show_location(host_drive)
        if not path:
            return
        self._show_location(path)
        if path in self._known:
            self._show(self._known[path])
            return

        def finished(outcome: MediumInfo | str) -> None:
            self._known[path] = outcome
            if path == self._path:
                self._show(outcome)

        def failed(error: ApiError) -> None:
            finished(error.message)

        self._link.call(
            self,
            "virtualbox.open_medium",
            {"path": path, "device_type": DeviceType(device_type)},
            finished,
            failed,
        )

    def _show(self, outcome: MediumInfo | str) -> None:
        if isinstance(outcome, str):
            self.problem.show_message(outcome)
            return
        is_disk = outcome.device_type is DeviceType.HARD_DISK
        kind = outcome.type if is_disk else self.tr("Image")
        self._values["type"].setText(f"{kind} ({outcome.format})")
        self._values["attached"].setText(
            ", ".join(_use_text(use) for use in outcome.uses) or self.tr("Not attached")
        )
        self._values["encrypted"].setText(
            outcome.properties.get("CRYPT/KeyId", "") or self.tr("Not encrypted")
        )
        self._values["virtual"].setText(format_size(outcome.logical_size))
        self._values["actual"].setText(format_size(outcome.actual_size))
        if is_disk:
            self._values["details"].setText(
                self.tr("Fixed size storage")
                if outcome.variant is MediumVariant.FIXED
                else self.tr("Dynamically allocated storage")
            )
        self.problem.show_message(outcome.access_error)

    def _show_location(self, path: str) -> None:
        # Labels break lines at blanks only; an invisible one after each slash lets paths wrap.
        self._values["location"].setText(path.replace("/", "/\u200b"))
        self._values["location"].setToolTip(path)


def _use_text(use: MediumUse) -> str:
    """Return the machine, with the snapshots in which it has the medium."""
    if not use.snapshots:
        return use.machine_name
    return f"{use.machine_name} ({', '.join(name for _uuid, name in use.snapshots)})"
