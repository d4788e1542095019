"""The release logs of a machine, as clients read them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode

if TYPE_CHECKING:
    from app.service.machine import Machine

MAX_PIECE: Final = 1 << 20
"""Bytes that one call returns at most."""

_MAX_INDEX: Final = 10_000


def log_file(machine: Machine, index: int) -> Path:
    """The log of the latest start (0) or of an earlier one; it need not exist.

    Raises:
        ApiError: ``E_INVALIDARG``: the index is negative or absurd.
    """
    if not 0 <= index <= _MAX_INDEX:
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"There is no log {index}: they count from 0.", "machine"
        )
    return machine.log_folder / (f"VBox.log.{index}" if index else "VBox.log")


def query_log_filename(machine: Machine, index: int) -> str:
    """Path of a log; empty when there is none; see ``machine.query_log_filename``."""
    file = log_file(machine, index)
    return str(file) if file.is_file() else ""


def read_log(machine: Machine, index: int, offset: int, size: int) -> bytes:
    """A piece of a log; see ``machine.read_log``."""
    if offset < 0 or size < 0:
        raise ApiError(
            ErrorCode.E_INVALIDARG, "Offset and size of a piece cannot be negative.", "machine"
        )
    file = log_file(machine, index)
    try:
        with file.open("rb") as log:
            log.seek(offset)
            return log.read(min(size, MAX_PIECE))
    except FileNotFoundError:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"The machine '{machine.info.name}' has no log '{file.name}'.",
            "machine",
        ) from None
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The log '{file}' cannot be read: {error.strerror}.",
            "machine",
        ) from error
