"""Rows of lists whose icons and check boxes can be seen on any background.

The colours of the icons are made for the background of lists; on that of a selection, blue ones
would get lost. So would the frames of empty check boxes on dark lists.
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
    """Delegate of lists and trees whose rows have icons or check boxes."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row, then the icon of a selected one on its plate and the frame of the box."""
        super().paint(painter, option, index)
        row_icon = index.data(Qt.ItemDataRole.DecorationRole)
        is_plated = option.state & QStyle.StateFlag.State_Selected and isinstance(row_icon, QIcon)
        is_unchecked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked.value
        if not is_plated and not is_unchecked:
            return
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        style = full.widget.style()
        if is_plated:
            area = style.subElementRect(
                QStyle.SubElement.SE_ItemViewItemDecoration, full, full.widget
            )
            paint_plate(painter, area, full.palette)
            row_icon.paint(painter, area)
        if is_unchecked:
            area = style.subElementRect(
                QStyle.SubElement.SE_ItemViewItemCheckIndicator, full, full.widget
            )
            painter.setPen(full.palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
