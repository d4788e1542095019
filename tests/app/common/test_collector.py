"""Cycles with widgets must be destroyed in the GUI thread, whichever thread allocates."""

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.common.collector import GuiThreadCollector


@pytest.fixture
def collector(qtbot):
    was_enabled = gc.isenabled()
    owner = QObject()
    yield GuiThreadCollector(owner)
    if was_enabled:
        gc.enable()


def test_other_threads_destroy_no_widgets(collector):
    threads = []
    gc.collect()
    widget = QWidget()
    widget.cycle = [widget]
    weakref.finalize(widget, lambda: threads.append(threading.current_thread()))
    del widget
    worker = threading.Thread(target=lambda: [[] for _ in range(20 * gc.get_threshold()[0])])
    worker.start()
    worker.join()
    assert threads == []
    kept = [[] for _ in range(2 * gc.get_threshold()[0])]
    collector.collect_what_is_due()
    assert threads == [threading.main_thread()]
    assert len(kept) > gc.get_threshold()[0]
