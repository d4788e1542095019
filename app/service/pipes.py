"""Named pipes that only their owner may open (Windows).

:class:`multiprocessing.connection.Listener` makes pipes with the default rights, by which
everybody on the host may read. Here each instance gets a security descriptor of its own: a
protected list of rights with one entry, full access for the owner; and clients on other hosts are
refused. References: Windows API, ``CreateNamedPipe`` and "Security Descriptor String Format".
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Final

OWNER_ONLY: Final = "D:P(A;;GA;;;OW)"
"""Nothing inherited (``P``); generic all (``GA``) for the owner (``OW``); nobody else."""

SDDL_REVISION_1: Final = 1
PIPE_REJECT_REMOTE_CLIENTS: Final = 0x00000008

CreatePipe = Callable[[str, int, int, int, int, int, int, int], int]
"""``_winapi.CreateNamedPipe``."""

ToDescriptor = Callable[[str], int]
"""Address of a security descriptor made from a string."""


class SecurityAttributes(ctypes.Structure):
    """``SECURITY_ATTRIBUTES``."""

    _fields_ = (
        ("nLength", ctypes.c_uint32),
        ("lpSecurityDescriptor", ctypes.c_void_p),
        ("bInheritHandle", ctypes.c_int32),
    )


class OwnerOnlyPipes:
    """Makes instances of named pipes that nobody but their owner may open.

    Args:
        create_pipe: Makes a pipe.
        to_descriptor: Makes a security descriptor; it lives as long as the process.
    """

    def __init__(self, create_pipe: CreatePipe, to_descriptor: ToDescriptor) -> None:
        self._create_pipe = create_pipe
        self._attributes = SecurityAttributes(
            nLength=ctypes.sizeof(SecurityAttributes),
            lpSecurityDescriptor=to_descriptor(OWNER_ONLY),
            bInheritHandle=0,
        )

    def create(
        self,
        name: str,
        open_mode: int,
        pipe_mode: int,
        max_instances: int,
        out_buffer: int,
        in_buffer: int,
        timeout: int,
        _security: int,
    ) -> int:
        """``CreateNamedPipe`` with these rights instead of those asked for."""
        return self._create_pipe(
            name, open_mode, pipe_mode | PIPE_REJECT_REMOTE_CLIENTS, max_instances, out_buffer,
            in_buffer, timeout, ctypes.addressof(self._attributes),
        )  # fmt: skip


if sys.platform == "win32":
    import _winapi
    import multiprocessing.connection
    from types import SimpleNamespace

    def restrict_pipes() -> None:
        """Have the listeners of this process make pipes for their owner only."""
        pipes = OwnerOnlyPipes(_winapi.CreateNamedPipe, _to_descriptor)
        functions = {name: getattr(_winapi, name) for name in dir(_winapi)}
        functions["CreateNamedPipe"] = pipes.create
        # The module looks its functions up in this name at each call.
        multiprocessing.connection._winapi = SimpleNamespace(  # type: ignore[attr-defined]
            **functions
        )

    def _to_descriptor(text: str) -> int:
        convert = ctypes.windll.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW
        descriptor = ctypes.c_void_p()
        if not convert(text, SDDL_REVISION_1, ctypes.byref(descriptor), None):
            raise ctypes.WinError()
        assert descriptor.value is not None
        return descriptor.value

else:

    def restrict_pipes() -> None:
        """Sockets are restricted by the directory they are in."""
