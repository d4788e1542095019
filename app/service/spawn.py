"""Starting VM processes, and reading what they printed when they fail.

A VM process outlives the service: it gets a session of its own, its output goes to
``Logs/VBoxVM.out`` in the machine's folder, and nothing of the service is inherited.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from app.api.errors import ApiError, ErrorCode
from app.api.reach import forwarded_environment
from app.api.starter import PROGRAM_ROOT

OUTPUT_NAME: Final = "VBoxVM.out"

DEFAULT_FRONTEND: Final = "gui"


class Frontend(NamedTuple):
    """A program that runs a machine.

    Attributes:
        module: ``python -m module --startvm UUID`` starts it.
        options: Further options.
    """

    module: str
    options: tuple[str, ...] = ()


FRONTENDS: Final = {
    # Whoever launched the machine tells the person why it failed; the VM process need not, too.
    "gui": Frontend("app", ("--no-startvm-errormsgbox",)),
    "headless": Frontend("app.headless"),
    "separate": Frontend("app", ("--no-startvm-errormsgbox", "--separate")),
}

_FOREIGN_FRONTENDS: Final = ("sdl",)
"""Front ends of VirtualBox that settings and scripts may name and that this program lacks."""

_TAIL_BYTES: Final = 4096
_TAIL_LINES: Final = 12


def choose_frontend(*wishes: str) -> str:
    """The first of the wishes that is one, else the usual front end."""
    chosen = (wish for wish in wishes if wish not in ("", "default"))
    return next(chosen, DEFAULT_FRONTEND)


def check_frontend(name: str, *, installed: bool) -> None:
    """Check that there is such a front end.

    Args:
        name: Key of :data:`FRONTENDS`.
        installed: Whether its program must be there, because no other is used in its stead.

    Raises:
        ApiError: ``E_INVALIDARG``: nobody knows it; ``VBOX_E_NOT_SUPPORTED``: it is not installed.
    """
    frontend = FRONTENDS.get(name)
    known = ", ".join(FRONTENDS)
    if frontend is None and name not in _FOREIGN_FRONTENDS:
        sentence = f"There is no front end '{name}'; known: {known}."
        raise ApiError(ErrorCode.E_INVALIDARG, sentence, "machine")
    if frontend is None or (installed and importlib.util.find_spec(frontend.module) is None):
        sentence = f"The front end '{name}' is not part of this installation; known: {known}."
        raise ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "machine")


def changed_environment(
    environment: Mapping[str, str], changes: Iterable[str]
) -> dict[str, str]:
    """``environment`` after changes of the form ``NAME=VALUE``, or ``NAME`` to remove one.

    Raises:
        ApiError: ``E_INVALIDARG``: a change has no name, or holds a zero byte.
    """
    changed = dict(environment)
    for change in changes:
        name, assigned, value = change.partition("=")
        if not name or "\0" in change:
            raise ApiError(
                ErrorCode.E_INVALIDARG,
                f"{change!r} is no change of the environment; NAME=VALUE is expected.",
                "machine",
            )
        if assigned:
            changed[name] = value
        else:
            changed.pop(name, None)
    return changed


def spawn_vm(
    command: tuple[str, ...],
    machine_id: str,
    frontend: str,
    *,
    home: Path,
    log_folder: Path,
    environment: Mapping[str, str],
    changes: Iterable[str] = (),
) -> subprocess.Popen[bytes]:
    """Start the VM process of a machine.

    Args:
        command: Program and leading arguments; empty: those of the front end.
        machine_id: UUID of the machine.
        frontend: Key of :data:`FRONTENDS`.
        home: Configuration directory, so that the process finds this service.
        log_folder: Gets the output of the process.
        environment: What the client forwarded.
        changes: Changes of the whole environment; see :func:`changed_environment`.

    Raises:
        ApiError: ``VBOX_E_HOST_ERROR``: the program cannot be run, ``VBOX_E_FILE_ERROR``: its
            output cannot be written, ``E_INVALIDARG``: a change is wrong.
    """
    variables = {
        **changed_environment(_vm_environment(environment), changes),
        "VITRINE_USER_HOME": str(home),
    }
    try:
        log_folder.mkdir(parents=True, exist_ok=True)
        output = (log_folder / OUTPUT_NAME).open("wb")
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The log folder '{log_folder}' cannot be written: {error.strerror}.",
            "machine",
        ) from error
    program = FRONTENDS[frontend]
    command = command or (sys.executable, "-m", program.module)
    arguments = [*command, "--startvm", machine_id, *program.options]
    with output:
        try:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=PROGRAM_ROOT,
                env=variables,
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


def _vm_environment(forwarded: Mapping[str, str]) -> dict[str, str]:
    ours = dict(os.environ)
    for name in forwarded_environment(ours):
        # The service may have been started from another desktop session than this client's.
        del ours[name]
    return {**ours, **forwarded_environment(dict(forwarded))}
