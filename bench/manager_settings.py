"""The settings dialog: from the order to open it until it shows the settings, under 300 ms.

The first time in a process its modules are imported too. Every page is opened then, one after the
other, as somebody does who clicks through the list.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from bench.desktop import installation
from bench.report import Report, rounds, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.api.structs import MachineInfo
    from app.manager.service_link import ServiceLink

TARGET = 0.3
PATIENCE = 30.0


def wait(condition: Callable[[], bool]) -> None:
    """Let the event loop run until a condition holds."""
    from PySide6.QtWidgets import QApplication

    started = time.perf_counter()
    while not condition():
        QApplication.processEvents()
        if time.perf_counter() - started > PATIENCE:
            raise TimeoutError(f"the settings dialog was not ready in {PATIENCE:.0f} s")


def open_and_close(link: ServiceLink, machine: MachineInfo) -> tuple[float, list[float]]:
    """Open the dialog; return the seconds until it was painted, and those of each page."""
    started = time.perf_counter()
    from app.manager.settings_dialog.dialog import SettingsDialog
    from app.manager.settings_dialog.spec import all_pages

    dialog = SettingsDialog(link, machine)
    dialog.show()
    wait(dialog.ok_button.isEnabled)
    dialog.grab()
    opened = time.perf_counter() - started
    pages = []
    for page in all_pages():
        started = time.perf_counter()
        dialog.show_page(page.name)
        dialog.grab()
        pages.append(time.perf_counter() - started)
    dialog.reject()
    return opened, pages


def measure(report: Report) -> None:
    """Measure the first opening of a process, later ones, and the slowest page."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.api import connect
    from app.api.qtclient import QtClient
    from app.common.application import create_application
    from app.manager.service_link import ServiceLink
    from app.manager.window import ManagerWindow

    create_application(["bench"])
    with installation() as folder, connect(client_name="bench") as api:
        api.virtualbox.set_system_properties(default_machine_folder=str(folder / "machines"))
        machine = api.virtualbox.create_machine("machine", "Debian_64")
        client = QtClient()
        link = ServiceLink(client)
        window = ManagerWindow(link)
        window.show()
        client.start()
        wait(lambda: bool(link.os_types) and link.properties is not None)
        first, _pages = open_and_close(link, machine)
        later = [open_and_close(link, machine) for _ in range(rounds(9))]
        report.add("settings dialog, first opening", [first], "s", target=TARGET)
        report.add("settings dialog, opening", [each for each, _ in later], "s", target=TARGET)
        slowest = [max(pages) for _, pages in later]
        report.add("settings dialog, slowest page", slowest, "s", target=TARGET)
        window.close()
        client.close()


def main() -> int:
    """Print the times."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
