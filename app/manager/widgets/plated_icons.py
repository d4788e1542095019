"""Draws the icon of the selected row on a plate of the list's background colour.

The colours of the icons are made for the background of lists; on that of a selection, blue ones
would get lost.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

_RADIUS = 4


def paint_plate(painter: QPainter, area: QRect, palette: QPalette) -> None:
    """Draw the plate below an icon that fills AREA."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.base())
    painter.drawRoundedRect(area.adjusted(-1, -1, 1, 1), _RADIUS, _RADIUS)
    painter.restore()


class PlatedIcons(QStyledItemDelegate):
    """Delegate of lists and trees whose rows have icons."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row, and the icon of a selected one again on its plate."""
        super().paint(painter, option, index)
        row_icon = index.data(Qt.ItemDataRole.DecorationRole)
        if not option.state & QStyle.StateFlag.State_Selected or not isinstance(row_icon, QIcon):
            return
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        area = full.widget.style().subElementRect(
            QStyle.SubElement.SE_ItemViewItemDecoration, full, full.widget
        )
        paint_plate(painter, area, full.palette)
        row_icon.paint(painter, area)
