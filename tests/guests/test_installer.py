"""The Debian installer: a kernel with a large initial file system, moved through by keyboard."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [pytest.mark.guest, pytest.mark.timeout(500)]

RED = 0xAA0000  # background of the selection
ROWS = 25
FIRST_LANGUAGES = ["C", "Basque", "Catalan", "Danish", "Dutch", "English", "Finnish", "French"]


def _selected(installer):
    """Return the row of the list that stands out, which is a matter of colour only."""
    surface = installer.vm.display.open_surface()
    surface.update()
    rows = np.split(surface.pixels, ROWS)
    red = [float(np.mean(row == RED)) for row in rows]
    row = int(np.argmax(red))
    lines = installer.screen.split("\n")
    return lines[row].strip("│ ").split("  ")[0] if red[row] > 0.3 and row < len(lines) else ""


def _wait_selected(installer, language):
    installer.until(lambda: _selected(installer) == language, f"{language} is selected", 30)


def test_the_keyboard_moves_through_the_languages(machine, guests):
    installer = machine(cdrom=guests("debian-installer.iso"), memory_mb=1024, boot_order="d")
    installer.wait_screen("Select a language", 300)
    assert all(f"  {language}  " in installer.screen for language in FIRST_LANGUAGES)
    _wait_selected(installer, "English")
    installer.wait_quiet(30)
    installer.type("{DOWN}")
    _wait_selected(installer, "Finnish")
    installer.type("{UP}{UP}")
    _wait_selected(installer, "Dutch")
    # Past the end of what is shown: the list scrolls.
    installer.type("{END}")
    installer.until(lambda: "  C  " not in installer.screen, "the end of the list", 30)
    installer.type("{HOME}f")
    _wait_selected(installer, "Finnish")
    installer.type("{TAB}{ENTER}")
    installer.wait_screen("Debian installer main menu", 60)
