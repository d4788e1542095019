"""What can go wrong with an image file on the host.

The codes are the status names that VirtualBox uses for the same facts. Every message is a sentence
with the path in it; the operating system's own error is chained as the cause.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar

from engine.errors import EngineError


class MediumError(EngineError):
    """Base of every error about an image file.

    Attributes:
        suspends: name of the runtime error with which a machine pauses, because a person can help
            and the same request succeeds then; empty: the guest is told of an error of its device.
    """

    code = "VERR_VD_GENERAL_FAILURE"
    component = "VD"
    suspends: ClassVar[str] = ""


class MediumNotFound(MediumError):  # noqa: N818 - the state of the medium is the name
    """There is no such file."""

    code = "VERR_FILE_NOT_FOUND"


class MediumExists(MediumError):  # noqa: N818
    """A new image would replace a file that exists."""

    code = "VERR_ALREADY_EXISTS"


class MediumFormatError(MediumError):
    """The file is not an image that can be used: unknown, damaged, too short or unsupported."""

    code = "VERR_VD_GEN_INVALID_HEADER"


class MediumParameterError(MediumError):
    """A size, variant or format that was asked for makes no sense."""

    code = "VERR_INVALID_PARAMETER"


class MediumLocked(MediumError):  # noqa: N818
    """Another program (or this one, a second time) has the image open."""

    code = "VERR_SHARING_VIOLATION"


class MediumFull(MediumError):  # noqa: N818
    """The host has no room for the data; the same write succeeds once there is room."""

    code = "VERR_DISK_FULL"
    suspends = "DISKFULL"


class MediumStale(MediumError):  # noqa: N818
    """The host has lost the file of an open image: a network share or its server is gone.

    The same request succeeds once it is back.
    """

    code = "VERR_STALE_FILE_HANDLE"
    suspends = "FILESTALE"


class MediumIOError(MediumError):
    """The host could not read or write, or the range asked for lies outside the image."""

    code = "VERR_DEV_IO_ERROR"


class MediumReadOnly(MediumError):  # noqa: N818
    """The image, or the file it is in, must not be written."""

    code = "VERR_VD_IMAGE_READ_ONLY"


class MediumCancelled(MediumError):  # noqa: N818
    """The work was stopped on request; nothing of it is left behind."""

    code = "VERR_CANCELLED"


_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_FILE = {errno.ENOENT, errno.ENOTDIR}
# What a file that was open before fails with when its file system has gone away (NFS, SMB, FUSE).
_GONE = {
    number
    for name in ("ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH",
                 "ETIMEDOUT", "ECONNRESET", "ECONNABORTED", "ENODEV", "ENXIO")
    if (number := getattr(errno, name, None)) is not None
}  # fmt: skip
_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}


def host_error(
    path: Path, action: str, cause: OSError, *, writing: bool = False, is_open: bool = False
) -> MediumError:
    """Translate an operating system error into the typed one.

    Args:
        path: the image file.
        action: what was being done, as it stands in the sentence "could not be ...".
        cause: the error; the caller chains it with ``raise ... from``.
        writing: the file was to be changed, so that a refusal means "read-only".
        is_open: the file was open before, so that one which is not there has gone away.
    """
    reason = cause.strerror or str(cause)
    if is_open and cause.errno in _GONE | _NO_FILE:
        return MediumStale(
            f"The image '{path}' could not be {action}: the host has lost the file, because the "
            f"network share or drive that it is on is gone ({reason}).",
        )
    if cause.errno in _NO_FILE:
        return MediumNotFound(f"The image file '{path}' does not exist.")
    if cause.errno in _NO_ROOM:
        return MediumFull(
            f"The image '{path}' could not be {action}: the disk of the host is full ({reason}).",
        )
    if cause.errno == errno.EFBIG:
        return MediumFull(
            f"The image '{path}' could not be {action}: it has reached the largest file size that "
            f"the host allows ({reason}).",
        )
    if writing and cause.errno in _NOT_WRITABLE:
        return MediumReadOnly(f"The image '{path}' could not be {action}: {reason}.")
    return MediumIOError(f"The image '{path}' could not be {action}: {reason}.")
