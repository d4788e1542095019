"""Where the machines of this user and the service find the processes of networks.

A network is known by its kind and name in one configuration directory; so internal networks of the
same name are different ones for two users, or for two directories of one user.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from app.api.address import safe_socket

INTERNAL: Final = "intnet"
NAT_NETWORK: Final = "natnet"
HOST_ONLY: Final = "hostonly"
"""Kinds of networks, and first parts of their sockets' names."""


def network_socket(home: str, kind: str, name: str) -> str:
    """Path of the socket of a network's process; makes its directory.

    Args:
        home: Configuration directory.
        kind: What sort of network it is.
        name: Name of the network.

    Raises:
        ApiError: ``E_ACCESSDENIED``: no directory for the socket is safe.
    """
    identity = "\0".join((os.path.realpath(home), kind, name))
    file_name = f"{kind}-{hashlib.sha256(os.fsencode(identity)).hexdigest()[:16]}.sock"
    # Not below XDG_RUNTIME_DIR, as the service and a machine may have different ones.
    directories = (Path(home) / "run", _temporary_directory())
    return safe_socket(directories, file_name, f"the socket of the network '{name}'")


def _temporary_directory() -> Path:
    user = "user" if sys.platform == "win32" else str(os.getuid())
    return Path(tempfile.gettempdir()) / f"vitrine-{user}"
