import pytest
from PySide6.QtCore import Qt

from app.api.structs import OsType
from app.manager.widgets.boot_order_editor import BootOrderEditor
from app.manager.widgets.byte_sizes import GB, MB, TB, format_size, parse_size
from app.manager.widgets.field_message import FieldMessage
from app.manager.widgets.foldable_box import FoldableBox
from app.manager.widgets.memory_editor import MemoryEditor
from app.manager.widgets.os_type_editor import OsTypeEditor
from app.manager.widgets.size_editor import MAX_DISK_BYTES, MIN_DISK_BYTES, SizeEditor


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20 GB", 20 * GB),
        ("1.5tb", 3 * TB // 2),
        ("1,5 G", 3 * GB // 2),
        ("500", 500 * MB),
        ("512 B", 512),
        ("  8 MB ", 8 * MB),
        ("", None),
        ("GB", None),
        ("-1 GB", None),
        ("1.2.3 GB", None),
        ("7 PB", None),
    ],
)
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KB"), (25 * GB, "25.00 GB"), (2 * TB, "2.00 TB")],
)
def test_sizes_are_shown(size, text):
    assert format_size(size) == text


def test_size_editor_slider_is_logarithmic_and_both_parts_agree(qtbot):
    editor = SizeEditor()
    qtbot.addWidget(editor)
    editor.slider.setValue(editor.slider.minimum())
    assert editor.value == MIN_DISK_BYTES
    editor.slider.setValue(editor.slider.maximum())
    assert editor.value == MAX_DISK_BYTES
    editor.value = 32 * GB
    half = editor.slider.value()
    editor.value = 64 * GB
    assert editor.slider.value() - half == 32
    assert editor.spin.text() == "64.00 GB"


def test_size_editor_takes_typed_sizes(qtbot):
    editor = SizeEditor()
    qtbot.addWidget(editor)
    editor.show()
    editor.spin.selectAll()
    qtbot.keyClicks(editor.spin, "3.5 GB")
    qtbot.keyClick(editor.spin, Qt.Key.Key_Return)
    assert editor.value == 7 * GB // 2
    editor.spin.selectAll()
    qtbot.keyClicks(editor.spin, "9 TB")
    qtbot.keyClick(editor.spin, Qt.Key.Key_Return)
    assert editor.value == 7 * GB // 2


def test_size_editor_keeps_odd_sizes_and_limits(qtbot):
    editor = SizeEditor()
    qtbot.addWidget(editor)
    editor.value = 12_345_678_848
    assert editor.value == 12_345_678_848
    editor.set_maximum(GB)
    editor.value = 5 * GB
    assert editor.value == GB


def test_memory_editor_widens_for_stored_values(qtbot):
    editor = MemoryEditor()
    qtbot.addWidget(editor)
    editor.set_range(4, 1000, good_until=500, high_until=750)
    editor.value = 4096
    assert editor.value == 4096
    assert editor.slider.value() == 4096


def test_boot_order_shows_what_is_stored_and_is_untouched_until_edited(qtbot):
    editor = BootOrderEditor()
    qtbot.addWidget(editor)
    editor.set_order(["None", "DVD", "None", "Floppy"])
    assert [editor.list.item(row).text() for row in range(4)] == [
        "Optical", "Floppy", "Hard Disk", "Network",
    ]  # fmt: skip
    assert editor.order == ["None", "DVD", "None", "Floppy"]
    editor.list.item(3).setCheckState(Qt.CheckState.Checked)
    assert editor.order == ["DVD", "Floppy", "Network", "None"]


def test_os_type_editor_keeps_ids_it_does_not_know(qtbot):
    editor = OsTypeEditor()
    qtbot.addWidget(editor)
    editor.choose("Future_64")
    assert editor.os_type_id == "Future_64"
    common = {"family_id": "Linux", "family_description": "Linux"}
    editor.set_types(
        [
            OsType(id="Debian", description="Debian (32-bit)", subtype="Debian", **common),
            OsType(id="Debian_64", description="Debian (64-bit)", subtype="Debian", **common),
            OsType(id="Fedora_64", description="Fedora (64-bit)", subtype="Fedora", **common),
        ]
    )
    assert editor.os_type_id == "Future_64"
    editor.choose("Debian")
    assert editor.os_type_id == "Debian"
    editor.subtype.setCurrentIndex(1)
    assert editor.os_type_id == "Fedora_64"
    editor.subtype.setCurrentIndex(0)
    assert editor.os_type_id == "Debian_64"


def test_field_message_is_as_high_as_its_text_needs(qtbot):
    message = FieldMessage()
    qtbot.addWidget(message)
    assert message.isHidden()
    message.show_message("word " * 60)
    narrow, wide = message.heightForWidth(200), message.heightForWidth(3000)
    assert wide < 2 * message._text.fontMetrics().height()
    assert narrow > 4 * wide
    message.clear()
    assert message.isHidden()


def test_foldable_box_folds_with_mouse_and_keyboard(qtbot):
    box = FoldableBox("Title", "general", heading_tip="tip")
    qtbot.addWidget(box)
    box.show()
    with qtbot.waitSignal(box.fold_changed):
        qtbot.mouseClick(box.arrow, Qt.MouseButton.LeftButton)
    assert box.folded
    assert not box.body.isVisible()
    with qtbot.waitSignal(box.fold_changed):
        qtbot.keyClick(box.arrow, Qt.Key.Key_Space)
    assert not box.folded
    with qtbot.waitSignal(box.heading_activated):
        qtbot.keyClick(box.heading, Qt.Key.Key_Space)
