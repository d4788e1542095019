"""Runs Python's collector of reference cycles in the GUI thread only.

The interpreter runs it in whichever thread happens to allocate. Cycles that hold widgets would then
be destroyed in a thread that waits for the service, and Qt crashes.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS: Final = 250


class GuiThreadCollector(QObject):
    """Takes the place of automatic collection as long as the process lives.

    Args:
        parent: owner, in the GUI thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect_what_is_due)
        self._timer.start()

    @Slot()
    def collect_what_is_due(self) -> None:
        """Collect the generations whose thresholds are passed, as the interpreter would."""
        for generation, threshold in enumerate(gc.get_threshold()):
            # A threshold of 0 switches a generation off.
            if not threshold or gc.get_count()[generation] <= threshold:
                break
            gc.collect(generation)
