"""Put on PYTHONPATH of a VM process: answers at a Unix socket what it holds, for tests of leaks.

Whoever connects to ``VITRINE_TEST_INSPECTOR`` gets a JSON object of counts.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import threading

ADDRESS = os.environ.get("VITRINE_TEST_INSPECTOR", "")


def _on_the_gui_thread() -> dict[str, int]:
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    # What waits for its deletion is no leak.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    tops = QApplication.topLevelWidgets()
    objects = [top.findChildren(QObject) for top in tops]
    timers = [o for found in objects for o in found if isinstance(o, QTimer)]
    return {
        "windows": len(tops),
        "objects": len(tops) + sum(map(len, objects)),
        "timers": len(timers),
    }


def _count() -> dict[str, int]:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    found: dict[str, int] = {}
    done = threading.Event()

    def look() -> None:
        try:
            found.update(_on_the_gui_thread())
        finally:
            done.set()

    QTimer.singleShot(0, QApplication.instance(), look)
    done.wait(20)
    found["python"] = len(gc.get_objects())
    return found


def _serve() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(ADDRESS)
        server.listen()
        while True:
            peer, _ = server.accept()
            with peer:
                peer.sendall(json.dumps(_count()).encode())


if ADDRESS and "--startvm" in sys.orig_argv:
    threading.Thread(target=_serve, name="inspector", daemon=True).start()
