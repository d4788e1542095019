"""What the release log tells about the host."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

_DMI = Path("/sys/class/dmi/id")
_MIB = 1 << 20


def host_platform() -> str:
    """Return operating system and architecture, such as ``linux.amd64``."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}.{machine.lower()}"


def host_memory() -> tuple[int, int] | None:
    """Return total and available RAM in bytes, None where the host does not tell."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _dmi(name: str) -> str:
    try:
        return (_DMI / name).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _library_versions() -> str:
    names = ("unicorn", "numpy", "msgspec", "PySide6-Essentials")
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def host_lines() -> list[str]:
    """Return the lines about host and process, in the order of VirtualBox's release log."""
    system = platform.uname()
    lines = [
        f"OS Product: {system.system}",
        f"OS Release: {system.release}",
        f"OS Version: {system.version}",
    ]
    for caption, name in (
        ("DMI Product Name", "product_name"),
        ("DMI Product Version", "product_version"),
    ):
        value = _dmi(name)
        if value:
            lines.append(f"{caption}: {value}")
    memory = host_memory()
    if memory is not None:
        total, available = memory
        lines.append(
            f"Host RAM: {total // _MIB}MB ({total / (1 << 30):.1f}GB) total, "
            f"{available // _MIB}MB ({available / (1 << 30):.1f}GB) available"
        )
    lines += [
        f"Host processors: {os.cpu_count() or 1}",
        f"Executable: {sys.executable}",
        f"Process ID: {os.getpid()}",
        f"Python: {platform.python_version()}; {_library_versions()}",
    ]
    return lines
