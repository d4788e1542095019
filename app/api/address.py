"""Where the service of this user and configuration directory is found.

The configuration directory decides: whoever uses the same directory must reach the same service,
also from a session with another ``XDG_RUNTIME_DIR``. Therefore the lock and the *address file*
(a small JSON file that names the socket, the process and a secret) are there, while the socket
itself is in a directory of mode 0700 below the runtime directory when that can be used.

=====================  ==========================================================================
``vitrine-svc.lock``   held by the service as long as it lives
``vitrine-svc.start``  held by a client while it starts the service, so that one client does
``vitrine-svc.json``   the address file
=====================  ==========================================================================
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode

# A client only reads the address. What the service needs besides is imported where it is used.
if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ADDRESS_FILE: Final = "vitrine-svc.json"

MAX_SOCKET_PATH: Final = 100
"""``sun_path`` holds 108 bytes on Linux and 104 on macOS, with the terminating zero."""


class ServiceAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Content of the address file.

    Attributes:
        address: Path of the socket, or name of the pipe on Windows.
        family: As :mod:`multiprocessing.connection` names it.
        pid: Process of the service.
        token: What a client must say first.
    """

    address: str
    family: str
    pid: int
    token: str


class ServicePlace:
    """Files of the service of one configuration directory, ``home``."""

    def __init__(self, home: str | os.PathLike[str]) -> None:
        self._home = os.fspath(home)

    @property
    def home(self) -> Path:
        """The configuration directory."""
        from pathlib import Path

        return Path(self._home)

    @property
    def lock_path(self) -> Path:
        """Lock of the service."""
        return self.home / "vitrine-svc.lock"

    @property
    def start_lock_path(self) -> Path:
        """Lock of the client that starts the service."""
        return self.home / "vitrine-svc.start"

    @property
    def address_path(self) -> Path:
        """The address file."""
        return self.home / _ADDRESS_FILE

    def read(self) -> ServiceAddress | None:
        """Address of the service that wrote its file last; None when there is no usable file.

        Raises:
            ApiError: ``E_ACCESSDENIED``: the file belongs to somebody else.
        """
        path = os.path.join(self._home, _ADDRESS_FILE)
        try:
            with open(path, "rb") as file:
                _check_owner(os.fstat(file.fileno()), path)
                return msgspec.json.decode(file.read(4096), type=ServiceAddress)
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, address: ServiceAddress) -> None:
        """Publish ``address`` (readable by the owner only, replaced in one step).

        Raises:
            OSError: The file cannot be written.
        """
        import tempfile

        fd, name = tempfile.mkstemp(prefix=".vitrine-svc-", dir=self._home)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(msgspec.json.encode(address))
            os.replace(name, self.address_path)
        except OSError:
            os.unlink(name)
            raise

    def socket_address(self) -> tuple[str, str]:
        """Address for a new listener and its family; makes the directory.

        Raises:
            ApiError: ``E_ACCESSDENIED``: no directory for the socket is safe.
        """
        import hashlib

        digest = hashlib.sha256(os.fsencode(os.path.realpath(self.home))).hexdigest()[:16]
        if sys.platform == "win32":
            return rf"\\.\pipe\vitrine-{digest}-{os.getpid()}", "AF_PIPE"
        place = safe_socket(self._socket_directories(), f"{digest}.sock", "the service's socket")
        return place, "AF_UNIX"

    def _socket_directories(self) -> list[Path]:
        """Candidates, best first."""
        import tempfile
        from pathlib import Path

        candidates = [self.home / "run", Path(tempfile.gettempdir()) / f"vitrine-{os.getuid()}"]
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        # After `sudo -E` the variable names the directory of another user: leave that alone.
        if os.path.isabs(runtime) and _is_own_directory(runtime):
            candidates.insert(0, Path(runtime) / "vitrine")
        return candidates


def safe_socket(directories: Iterable[Path], name: str, what: str) -> str:
    """Path of a socket in the first directory that is ours alone, which is made.

    Args:
        directories: Candidates, best first.
        name: Of the socket's file.
        what: It is, for the error.

    Raises:
        ApiError: ``E_ACCESSDENIED``: no directory is safe, or its path is too long.
    """
    problems = []
    for directory in directories:
        path = directory / name
        if len(os.fsencode(path)) > MAX_SOCKET_PATH:
            problems.append(f"'{directory}' is too long for a socket")
            continue
        try:
            secure_directory(directory)
        except (OSError, ApiError) as error:
            problems.append(str(error))
            continue
        return str(path)
    raise ApiError(
        ErrorCode.E_ACCESSDENIED,
        f"There is no safe place for {what}: {'; '.join(problems)}.",
        "transport",
    )


def secure_directory(directory: Path) -> None:
    """Make ``directory`` with mode 0700, or check that an existing one is ours alone.

    Raises:
        ApiError: ``E_ACCESSDENIED``: it is a link, or belongs to another user.
        OSError: It cannot be made.
    """
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        pass
    status = os.lstat(directory)
    if not stat.S_ISDIR(status.st_mode):
        raise ApiError(ErrorCode.E_ACCESSDENIED, f"'{directory}' is not a directory", "transport")
    _check_owner(status, directory)
    if sys.platform != "win32" and stat.S_IMODE(status.st_mode) & 0o077:
        directory.chmod(0o700)


def _is_own_directory(path: str) -> bool:
    try:
        return os.stat(path).st_uid == os.getuid()
    except OSError:
        return False


def _check_owner(status: os.stat_result, path: str | Path) -> None:
    if sys.platform != "win32" and status.st_uid != os.getuid():
        raise ApiError(
            ErrorCode.E_ACCESSDENIED,
            f"'{path}' belongs to user {status.st_uid}, not to user {os.getuid()}",
            "transport",
        )
