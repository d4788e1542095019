"""The host's processors, memory and system in one answer."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Final

from app.api.hoststructs import HostInfo
from app.service.host.cpu import features, processors

_MEMINFO: Final = Path("/proc/meminfo")
_KIB_PER_MIB: Final = 1024


def host_info() -> HostInfo:
    """The host as it is now; what it does not tell is 0 or empty."""
    online = processors()
    cores = len({(processor.package, processor.core) for processor in online})
    total, available = memory_kb()
    return HostInfo(
        utc_time_ms=time.time_ns() // 1_000_000,
        processor_count=max(os.cpu_count() or 1, len(online)),
        processor_online_count=len(online),
        processor_core_count=cores,
        processor_online_core_count=cores,
        processor_features=features(),
        processor_speeds=[processor.mhz for processor in online],
        processor_descriptions=[processor.description for processor in online],
        memory_size_mb=total // _KIB_PER_MIB,
        memory_available_mb=available // _KIB_PER_MIB,
        operating_system=platform.system(),
        os_version=platform.release(),
    )


def memory_kb() -> tuple[int, int]:
    """RAM of the host and what of it programs can get, in KiB; (0, 0) where it does not tell."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        values = {name: int(rest.split()[0]) for name, _, rest in (x.partition(":") for x in lines)}
        return values["MemTotal"], values.get("MemAvailable", values["MemFree"])
    except (OSError, ValueError, KeyError, IndexError):
        return _memory_by_sysconf()


def _memory_by_sysconf() -> tuple[int, int]:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0, 0
    return total * page // 1024, free * page // 1024
