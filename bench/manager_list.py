"""A thousand machines in the manager: until the list shows them, and one page of scrolling.

Half of the machines are in forty groups. The service runs and has read the settings; what is
measured is the manager: fetching the list, making the tree, painting it, and painting it again for
every step of the scroll bar.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from bench.desktop import installation
from bench.report import Report, rounds, run

if TYPE_CHECKING:
    from app.api.client import Client
    from app.manager.window import ManagerWindow

MACHINES = 1000
GROUPS = 40
OPEN_TARGET = 1.5
# A screen that is refreshed sixty times a second.
SCROLL_TARGET = 1 / 60
PATIENCE = 60.0


def populate(api: Client, folder: str) -> None:
    """Create the machines."""
    api.virtualbox.set_system_properties(default_machine_folder=folder)
    for number in range(MACHINES):
        machine = api.virtualbox.create_machine(f"machine {number}", "Debian_64")
        if number % 2:
            api.machine(machine.id).set_groups([f"/Group {number % GROUPS}"])


def open_list() -> tuple[float, ManagerWindow]:
    """Open a manager; return the seconds until its list has been painted, and its window."""
    from PySide6.QtWidgets import QApplication

    from app.api.qtclient import QtClient
    from app.manager.service_link import ServiceLink
    from app.manager.window import ManagerWindow

    client = QtClient()
    link = ServiceLink(client)
    loaded: list[bool] = []
    link.machines_loaded.connect(lambda: loaded.append(True))
    started = time.perf_counter()
    window = ManagerWindow(link)
    window.resize(1024, 768)
    window.show()
    client.start()
    while not loaded and time.perf_counter() - started < PATIENCE:
        QApplication.processEvents()
    if not loaded:
        raise TimeoutError(f"no list of machines in {PATIENCE:.0f} s")
    window.view.viewport().grab()
    seconds = time.perf_counter() - started
    # The window keeps its client alive, as long as the bench looks at it.
    window.destroyed.connect(client.close)
    return seconds, window


def scroll(window: ManagerWindow) -> list[float]:
    """Scroll through the whole list; return the seconds that each step took to paint."""
    bar = window.view.verticalScrollBar()
    steps = []
    for position in range(0, bar.maximum(), window.view.viewport().height() // 2):
        started = time.perf_counter()
        bar.setValue(position)
        window.view.viewport().grab()
        steps.append(time.perf_counter() - started)
    return steps


def measure(report: Report) -> None:
    """Measure opening and scrolling."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.api import connect
    from app.common.application import create_application

    application = create_application(["bench"])
    with installation() as folder, connect(client_name="bench") as api:
        populate(api, str(folder / "machines"))
        opened = []
        for _ in range(rounds(5)):
            seconds, window = open_list()
            opened.append(seconds)
            steps = scroll(window)
            window.deleteLater()
            application.processEvents()
        detail = f"{MACHINES} machines, {GROUPS} groups"
        report.add("manager, list of machines", opened, "s", target=OPEN_TARGET, detail=detail)
        report.add("manager, one step of scrolling", steps, "s", target=SCROLL_TARGET)


def main() -> int:
    """Print the times."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
