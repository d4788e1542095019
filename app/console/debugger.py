"""Answers debugger calls of other clients: the Main API's ``IMachineDebugger`` on this process."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from app.api.errors import ApiError, ErrorCode
from app.console.errors import api_error
from engine.dbgf.core import write_core
from engine.dbgf.registers import read_register, read_registers, write_registers
from engine.dbgf.statistics import to_xml

if TYPE_CHECKING:
    from app.console.console import Console

_T = TypeVar("_T")
_BANNER: Final = b"Linux version "
_BANNER_PATTERN: Final = re.compile(rb"Linux version (\d+\.\d+[^\s\0]*) ([^\0\n]{0,300})")


class DebuggerServant:
    """Implements :class:`app.api.interfaces.debugger.Debugger`; on the client's console thread."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def get_registers(self, cpu: int = 0) -> dict[str, str]:
        """All registers by name."""
        return self._do(lambda: read_registers(self._console.vm, cpu))

    def get_register(self, name: str, cpu: int = 0) -> str:
        """One register."""
        return self._do(lambda: read_register(self._console.vm, name, cpu))

    def set_registers(self, values: dict[str, str], cpu: int = 0) -> None:
        """Change registers, all or none."""
        self._do(lambda: write_registers(self._console.vm, values, cpu))

    def info(self, name: str, args: str = "") -> str:
        """Text of an information item."""
        return self._do(lambda: self._console.vm.info(name, args))

    def inject_nmi(self) -> None:
        """Raise a non-maskable interrupt."""
        self._do(self._console.vm.send_nmi)

    def get_stats(self, pattern: str = "") -> str:
        """Counters as XML."""
        return to_xml(self._console.vm.select_statistics(pattern))

    def reset_stats(self, pattern: str = "") -> None:
        """Set counters back to 0."""
        self._console.vm.reset_statistics(pattern)

    def dump_guest_core(self, filename: str, compression: str = "") -> None:
        """Write an ELF core file."""
        if compression:
            raise _error(ErrorCode.E_INVALIDARG, f"There is no compression '{compression}'.")
        if not Path(filename).is_absolute():
            raise _error(ErrorCode.E_INVALIDARG, f"The path '{filename}' is not absolute.")
        try:
            write_core(self._console.vm, filename)
        except OSError as error:
            raise _error(
                ErrorCode.VBOX_E_HOST_ERROR,
                f"The core file '{filename}' cannot be written: {error.strerror}.",
            ) from error

    def detect_os(self) -> str:
        """Name of the guest's operating system."""
        self._linux_banner()
        return "Linux"

    def get_os_version(self) -> str:
        """Version of the guest's operating system."""
        return self._linux_banner().group(1).decode(errors="replace")

    def query_os_kernel_log(self, max_messages: int = 0) -> str:
        """Messages of the guest's kernel."""
        self._linux_banner()
        raise _error(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"The kernel's messages cannot be read from the memory of '{self._console.machine}': "
            "this version of Vitrine does not know the tables of this kernel.",
        )

    def get_log_settings(self) -> dict[str, str]:
        """Settings of the release log."""
        return self._console.log.settings()

    def modify_log_groups(self, settings: str) -> None:
        """Switch logging of parts on or off."""
        try:
            self._console.log.change_groups(settings)
        except ValueError as error:
            raise _error(ErrorCode.E_INVALIDARG, str(error)) from error

    def modify_log_flags(self, settings: str) -> None:
        """Switch the log on or off."""
        words = settings.split()
        for word in words:
            if word not in ("enabled", "disabled"):
                raise _error(
                    ErrorCode.VBOX_E_NOT_SUPPORTED,
                    f"The release log has no flag '{word}'; it has 'enabled' and 'disabled'.",
                )
        for word in words:
            self._console.log.enabled = word == "enabled"

    def modify_log_destinations(self, settings: str) -> None:
        """Say where the log goes."""
        for word in settings.split():
            if word != "file":
                raise _error(
                    ErrorCode.VBOX_E_NOT_SUPPORTED,
                    f"The release log cannot go to '{word}'; it goes to its file.",
                )

    def _linux_banner(self) -> re.Match[bytes]:
        """The version text that every Linux kernel holds in its read-only data."""
        memory = self._console.vm.memory.ram.buffer
        start = memory.find(_BANNER)
        while start >= 0:
            found = _BANNER_PATTERN.match(memory, start)
            if found is not None:
                return found
            start = memory.find(_BANNER, start + 1)
        raise _error(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"No operating system was recognised in the memory of '{self._console.machine}'.",
        )

    @staticmethod
    def _do(action: Callable[[], _T]) -> _T:
        try:
            return action()
        except Exception as error:
            raise api_error(error) from error


def _error(code: ErrorCode, sentence: str) -> ApiError:
    return ApiError(code, sentence, "console")
