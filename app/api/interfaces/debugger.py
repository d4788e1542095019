"""``IMachineDebugger``: what somebody sees and changes who debugs a running VM.

Served by the VM process beside its console; see :mod:`app.api.interfaces.console`.
"""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface


@interface("debugger", bound="id")
class Debugger(Protocol):
    """Methods of a running VM for debugging it.

    Through the service each raises ``VBOX_E_INVALID_VM_STATE`` when the machine does not run.
    """

    def get_registers(self, cpu: int = 0) -> dict[str, str]:
        """All registers of a processor by name, in hexadecimal with all digits.

        Raises:
            ApiError: ``VBOX_E_VM_ERROR``: there is no such processor.
        """

    def get_register(self, name: str, cpu: int = 0) -> str:
        """One register (``rip``, ``cs_base``), or the part of one (``eax``).

        Raises:
            ApiError: ``VBOX_E_VM_ERROR``: there is no such register.
        """

    def set_registers(self, values: dict[str, str], cpu: int = 0) -> None:
        """Change registers, all or none.

        Args:
            values: Numbers by name, decimal or with ``0x``.
            cpu: Which processor.

        Raises:
            ApiError: ``VBOX_E_VM_ERROR``: names the register or value that is wrong.
        """

    def info(self, name: str, args: str = "") -> str:
        """Text of an information item; ``help`` lists the items.

        Raises:
            ApiError: ``VBOX_E_VM_ERROR``: there is no such item.
        """

    def inject_nmi(self) -> None:
        """Raise a non-maskable interrupt."""

    def get_stats(self, pattern: str = "") -> str:
        """Counters whose paths fit ``pattern`` (``*``, ``?`` and ``|``), as XML."""

    def reset_stats(self, pattern: str = "") -> None:
        """Set counters whose paths fit back to 0."""

    def dump_guest_core(self, filename: str, compression: str = "") -> None:
        """Write the guest's memory and registers to an ELF core file.

        Args:
            filename: Absolute path of a file that does not exist.
            compression: Must be empty; there is none.

        Raises:
            ApiError: ``E_INVALIDARG``, ``VBOX_E_HOST_ERROR`` (it cannot be written).
        """

    def detect_os(self) -> str:
        """Look into the guest's memory for its operating system; returns its name.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: none was recognised.
        """

    def get_os_version(self) -> str:
        """Version of the guest's operating system, as it calls itself.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: none was recognised.
        """

    def query_os_kernel_log(self, max_messages: int = 0) -> str:
        """The kernel's messages, the last ``max_messages`` lines or all with 0.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: they cannot be read from this guest.
        """

    def get_log_settings(self) -> dict[str, str]:
        """``flags``, ``groups`` and ``destinations`` of the release log."""

    def modify_log_groups(self, settings: str) -> None:
        """Switch logging of parts of the VM process on or off: ``+dev_vga.l2 -guest``.

        Raises:
            ApiError: ``E_INVALIDARG``: a word is no setting of a group.
        """

    def modify_log_flags(self, settings: str) -> None:
        """Switch the release log ``enabled`` or ``disabled``.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: names the flag.
        """

    def modify_log_destinations(self, settings: str) -> None:
        """Say where the log goes; it goes to its file and nowhere else.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: names the destination.
        """
