"""What the host's KVM does of the settings for hardware virtualization.

Nested paging, VPID and unrestricted execution are switches of the kernel's modules for all
machines; a program cannot choose them for one. Large pages a program may ask for where the kernel
lets it. So the log tells what is in force, and where it differs from the settings.

Reference: Linux, Documentation/admin-guide/kernel-parameters.txt (kvm-intel, kvm-amd),
Documentation/admin-guide/mm/transhuge.rst.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

MODULES: Final = Path("/sys/module")
HUGE_PAGES: Final = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_ON: Final = frozenset({"Y", "y", "1"})


class Facility(NamedTuple):
    """A switch of the settings.

    Attributes:
        key: of the CFGM node ``/HM``. label: for people.
        intel, amd: parameter of the kernel's module; empty: the processor has no such thing.
    """

    key: str
    label: str
    intel: str
    amd: str


FACILITIES: Final = (
    Facility("EnableNestedPaging", "nested paging", "ept", "npt"),
    Facility("EnableVPID", "VPID", "vpid", ""),
    Facility("EnableUX", "unrestricted execution", "unrestricted_guest", ""),
)
LARGE_PAGES: Final = "EnableLargePages"


def in_force(modules: Path = MODULES, huge_pages: Path = HUGE_PAGES) -> dict[str, bool | None]:
    """Return what is in force by key; None: the host does not tell, or has no such thing.

    For large pages: whether machines that ask for them get them.
    """
    found: dict[str, bool | None] = {}
    for facility in FACILITIES:
        found[facility.key] = None
        for module, parameter in (("kvm_intel", facility.intel), ("kvm_amd", facility.amd)):
            text = _read(modules / module / "parameters" / parameter) if parameter else ""
            if text:
                found[facility.key] = text in _ON
    # The kernel marks the choice by brackets: "always [madvise] never".
    text = _read(huge_pages)
    found[LARGE_PAGES] = "[never]" not in text if text else None
    return found


def report(wanted: dict[str, bool], found: dict[str, bool | None]) -> list[str]:
    """Return sentences for the log.

    Args:
        wanted: the settings by key.
        found: what is in force.
    """
    labels = {facility.key: facility.label for facility in FACILITIES}
    labels[LARGE_PAGES] = "large pages"
    rows = []
    for key, label in labels.items():
        now = found.get(key)
        if key == LARGE_PAGES and now:
            now = wanted.get(key, False)
        if now is None:
            rows.append(f"HM: {label}: this host does not tell")
            continue
        row = f"HM: {label}: {'on' if now else 'off'}"
        if key in wanted and wanted[key] != now:
            asked = "on" if wanted[key] else "off"
            row += f" (the settings say {asked}; the host's kernel decides for all machines)"
        rows.append(row)
    return rows


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
