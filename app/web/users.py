"""Users of the web service and their passwords: a file of salted scrypt hashes.

Each line is ``name:scrypt:N:r:p:salt:hash`` with salt and hash in Base64. The file belongs to the
user under whom the service runs and nobody else may read it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from app.api.errors import ApiError, ErrorCode
from app.api.filelock import FileLock

FILE_NAME: Final = "web-users"
MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 1024

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_KIND: Final = "scrypt"
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_LOCK_SECONDS: Final = 10.0
_MAX_MEMORY: Final = 128 << 20


class _Cost(NamedTuple):
    """Parameters of scrypt (RFC 7914): CPU and memory cost, block size, parallelism."""

    n: int = 1 << 15
    r: int = 8
    p: int = 1


class _Entry(NamedTuple):
    cost: _Cost
    salt: bytes
    digest: bytes

    def matches(self, password: str) -> bool:
        return hmac.compare_digest(_digest(password, self.salt, self.cost), self.digest)


def _digest(password: str, salt: bytes, cost: _Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p,
        maxmem=_MAX_MEMORY, dklen=_HASH_BYTES,
    )  # fmt: skip


class UserFile:
    """The users of a password file; it is read anew at each logon.

    Args:
        path: The file; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """Users in the order of the file.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: the file cannot be read or is damaged.
        """
        return list(self._read())

    def check(self, name: str, password: str) -> bool:
        """Whether the password is that of the user. Takes some 100 ms, for unknown users too.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``.
        """
        entry = self._read().get(name)
        if len(password) > MAX_PASSWORD_LENGTH:
            return False
        if entry is None:
            _digest(password, bytes(_SALT_BYTES), _Cost())
            return False
        return entry.matches(password)

    def add(self, name: str, password: str) -> None:
        """Add a user or give it another password.

        Raises:
            ApiError: ``E_INVALIDARG``: name or password is not acceptable; ``VBOX_E_FILE_ERROR``.
        """
        if not _NAME.fullmatch(name):
            raise ApiError(
                ErrorCode.E_INVALIDARG,
                f"'{name}' cannot be the name of a user: 1 to 64 letters, digits and ._@- are"
                " allowed, and the first must be a letter or a digit.",
                "web",
            )
        if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
            raise ApiError(
                ErrorCode.E_INVALIDARG,
                f"A password must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters;"
                f" this one has {len(password)}.",
                "web",
            )
        salt = secrets.token_bytes(_SALT_BYTES)
        cost = _Cost()
        self._change(name, _Entry(cost, salt, _digest(password, salt, cost)))

    def remove(self, name: str) -> None:
        """Remove a user.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``, ``VBOX_E_FILE_ERROR``.
        """
        self._change(name, None)

    def _change(self, name: str, entry: _Entry | None) -> None:
        lock = FileLock(f"{self.path}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            locked = lock.acquire(_LOCK_SECONDS)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror or error}") from error
        if not locked:
            raise self._error("is being changed by another program")
        try:
            entries = self._read()
            if entry is not None:
                entries[name] = entry
            elif entries.pop(name, None) is None:
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                    f"There is no user named '{name}' in {self.path}.",
                    "web",
                )
            self._write(entries)
        finally:
            lock.release()

    def _read(self) -> dict[str, _Entry]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise self._error(f"cannot be read: {error}") from error
        entries: dict[str, _Entry] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            try:
                name, kind, n, r, p, salt, digest = line.split(":")
                cost = _Cost(int(n), int(r), int(p))
                entry = _Entry(cost, base64.b64decode(salt), base64.b64decode(digest))
            except (ValueError, binascii.Error) as error:
                raise self._error(f"is damaged in line {number}") from error
            if kind != _KIND or 128 * cost.n * cost.r >= _MAX_MEMORY:
                raise self._error(f"has a hash of an unknown kind in line {number}")
            entries[name] = entry
        return entries

    def _write(self, entries: dict[str, _Entry]) -> None:
        lines = []
        for name, (cost, salt, digest) in entries.items():
            encoded = [base64.b64encode(part).decode() for part in (salt, digest)]
            lines.append(":".join([name, _KIND, *map(str, cost), *encoded]) + "\n")
        try:
            # mkstemp makes a file that only its owner may read.
            descriptor, temporary = tempfile.mkstemp(prefix=FILE_NAME, dir=self.path.parent)
            try:
                with open(descriptor, "w", encoding="utf-8") as file:
                    file.writelines(lines)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, self.path)
            except OSError:
                os.unlink(temporary)
                raise
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror or error}") from error

    def _error(self, what: str) -> ApiError:
        return ApiError(
            ErrorCode.VBOX_E_FILE_ERROR, f"The file of users {self.path} {what}.", "web"
        )
