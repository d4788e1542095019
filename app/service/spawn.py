"""Starting VM processes, and reading what they printed when they fail.

A VM process outlives the service: it gets a session of its own, its output goes to
``Logs/VBoxVM.out`` in the machine's folder, and nothing of the service is inherited.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.api.errors import ApiError, ErrorCode
from app.api.reach import forwarded_environment
from app.api.starter import PROGRAM_ROOT

OUTPUT_NAME: Final = "VBoxVM.out"

# Whoever launched the machine tells the person why it failed; the VM process need not, too.
FRONTENDS: Final[dict[str, tuple[str, ...]]] = {"gui": ("--no-startvm-errormsgbox",)}
"""Options that each front end adds to the command of VM processes."""

_TAIL_BYTES: Final = 4096
_TAIL_LINES: Final = 12


def check_frontend(frontend: str) -> None:
    """Check that there is such a front end.

    Raises:
        ApiError: ``E_INVALIDARG``.
    """
    if frontend not in FRONTENDS:
        known = ", ".join(FRONTENDS)
        sentence = f"There is no front end '{frontend}'; known: {known}."
        raise ApiError(ErrorCode.E_INVALIDARG, sentence, "machine")


def spawn_vm(
    command: tuple[str, ...],
    machine_id: str,
    frontend: str,
    *,
    home: Path,
    log_folder: Path,
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start the VM process of a machine.

    Args:
        command: Program and leading arguments.
        machine_id: UUID of the machine.
        frontend: Key of :data:`FRONTENDS`.
        home: Configuration directory, so that the process finds this service.
        log_folder: Gets the output of the process.
        environment: What the client forwarded.

    Raises:
        ApiError: ``VBOX_E_HOST_ERROR``: the program cannot be run, ``VBOX_E_FILE_ERROR``: its
            output cannot be written.
    """
    try:
        log_folder.mkdir(parents=True, exist_ok=True)
        output = (log_folder / OUTPUT_NAME).open("wb")
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The log folder '{log_folder}' cannot be written: {error.strerror}.",
            "machine",
        ) from error
    arguments = [*command, "--startvm", machine_id, *FRONTENDS[frontend]]
    with output:
        try:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=PROGRAM_ROOT,
                env=_vm_environment(home, environment),
                start_new_session=True,
            )
        except OSError as error:
            raise ApiError(
                ErrorCode.VBOX_E_HOST_ERROR,
                f"The program '{arguments[0]}' of VM processes cannot be run: {error.strerror}.",
                "machine",
            ) from error


def output_tail(log_folder: Path) -> str:
    """The last lines that the VM process printed; empty when it printed nothing."""
    try:
        with (log_folder / OUTPUT_NAME).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-_TAIL_LINES:])


def _vm_environment(home: Path, forwarded: Mapping[str, str]) -> dict[str, str]:
    ours = dict(os.environ)
    for name in forwarded_environment(ours):
        # The service may have been started from another desktop session than this client's.
        del ours[name]
    return {**ours, **forwarded_environment(dict(forwarded)), "VITRINE_USER_HOME": str(home)}
