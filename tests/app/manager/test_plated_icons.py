"""What is drawn in rows that are selected, or have an empty check box."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from app.common.icons import icon
from app.common.preferences import ColorTheme
from app.common.theme import palette_of
from app.manager.widgets.plated_icons import PlatedIcons


@pytest.fixture
def dark_list(qtbot):
    rows = QListWidget()
    qtbot.addWidget(rows)
    rows.setPalette(palette_of(ColorTheme.DARK))
    rows.setItemDelegate(PlatedIcons(rows))
    rows.resize(200, 60)
    rows.show()
    return rows


def colours(rows):
    image = rows.viewport().grab().toImage()
    return {
        image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())
    }


def test_empty_check_boxes_have_a_frame(dark_list):
    item = QListWidgetItem("Network", dark_list)
    frame = dark_list.palette().color(QPalette.ColorRole.PlaceholderText).rgb()
    item.setCheckState(Qt.CheckState.Checked)
    assert frame not in colours(dark_list)
    item.setCheckState(Qt.CheckState.Unchecked)
    assert frame in colours(dark_list)


def test_icons_of_selected_rows_stand_on_a_plate(dark_list):
    item = QListWidgetItem(icon("audio"), "Audio", dark_list)
    item.setSelected(True)
    base = QColor(dark_list.palette().color(QPalette.ColorRole.Base)).rgb()
    area = dark_list.visualItemRect(item)
    image = dark_list.viewport().grab(area).toImage()
    left = {image.pixelColor(x, y).rgb() for x in range(24) for y in range(image.height())}
    right = {
        image.pixelColor(x, y).rgb()
        for x in range(area.width() - 40, area.width() - 4)
        for y in range(2, image.height() - 2)
    }
    assert base in left
    assert base not in right
