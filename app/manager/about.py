"""The About box."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.common.dialog_buttons import button_box
from app.common.icons import picture


class AboutDialog(QDialog):
    """Name, version and licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About Vitrine"))
        image = QLabel(self)
        image.setPixmap(picture("vitrine", 96, self.devicePixelRatioF()))
        name = QLabel("Vitrine", self)
        font = QFont(name.font())
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setBold(True)
        name.setFont(font)
        version = QLabel(
            self.tr("Version {version}").format(version=QCoreApplication.applicationVersion()),
            self,
        )
        version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text = QLabel(
            self.tr(
                "Create, configure and run PC virtual machines.\n\n"
                "Free software under the GNU General Public License, version 2 or later; it comes "
                "without any warranty."
            ),
            self,
        )
        text.setWordWrap(True)
        text.setMinimumWidth(340)
        buttons = button_box(self, QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        texts = QVBoxLayout()
        texts.setSpacing(8)
        for label in (name, version, text):
            texts.addWidget(label)
        texts.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(24)
        upper.addWidget(image, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(texts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(upper)
        layout.addWidget(buttons)
