"""Where settings and machines are, and what a machine may be called."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

from app.settings.errors import SettingsError, SettingsErrorCode

PROGRAM = "Vitrine"
GLOBAL_FILE = "VirtualBox.xml"
MACHINE_EXTENSION = ".vbox"
LOG_FOLDER = "Logs"

MAX_NAME_BYTES = 220
"""File systems allow 255 bytes; the rest is for ``-1.NN-platform.vbox-tmp`` and the like."""

# Not compiled here: every client imports this module and most of them check no name.
_RESERVED = r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?"
_CONTROL = "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
_NOT_PORTABLE = r'[:*?"<>|]'


def home_folder(environ: Mapping[str, str] = os.environ) -> str:
    """Return the home of the account that runs this process.

    For root it comes from the account database: ``sudo`` leaves ``HOME`` pointing at somebody
    else's home, and files written there as root would lock its owner out.
    """
    if sys.platform != "win32":
        import pwd

        if os.geteuid() == 0:
            return pwd.getpwuid(0).pw_dir
    home = environ.get("HOME", "")
    return home if os.path.isabs(home) else os.path.expanduser("~")


def config_folder(environ: Mapping[str, str] = os.environ) -> str:
    """Return the configuration folder, which holds ``VirtualBox.xml``.

    ``VITRINE_USER_HOME`` overrides it, else ``VBOX_USER_HOME``; then it is ``Vitrine`` below
    ``XDG_CONFIG_HOME`` or ``~/.config``, or the platform's place on Windows and macOS.
    """
    for name in ("VITRINE_USER_HOME", "VBOX_USER_HOME"):
        folder = environ.get(name, "")
        if folder:
            return os.path.abspath(folder)
    if sys.platform in ("win32", "darwin"):
        import platformdirs

        return platformdirs.user_config_dir(PROGRAM, appauthor=False)
    base = environ.get("XDG_CONFIG_HOME", "")
    # The XDG base directory specification tells to ignore relative paths.
    if not os.path.isabs(base):
        base = os.path.join(home_folder(environ), ".config")
    return os.path.join(base, PROGRAM)


def global_file_path(environ: Mapping[str, str] = os.environ) -> str:
    """Return the path of the settings file of the installation."""
    return os.path.join(config_folder(environ), GLOBAL_FILE)


def default_machine_folder(environ: Mapping[str, str] = os.environ) -> str:
    """Return the folder for new machines when the settings name none."""
    return os.path.join(home_folder(environ), "VirtualBox VMs")


def check_machine_name(name: str) -> None:
    """Refuse a name that cannot be that of a machine and its files.

    Raises:
        SettingsError: with the rule that the name breaks.
    """
    size = len(name.encode("utf-8", "surrogatepass"))
    if not name:
        raise _bad_name("A machine needs a name.")
    control = re.search(_CONTROL, name)
    if control is not None:
        raise _bad_name(f"The name contains the control character U+{ord(control[0]):04X}.")
    if "/" in name or "\\" in name:
        raise _bad_name(f'The name "{name}" contains a slash, which separates folders.')
    if name.strip() != name:
        raise _bad_name(f'The name "{name}" starts or ends with a space.')
    if name.startswith(".") or name.endswith("."):
        raise _bad_name(f'The name "{name}" starts or ends with a dot.')
    if re.fullmatch(_RESERVED, name, re.IGNORECASE):
        raise _bad_name(f'The name "{name}" is reserved for a device on Windows.')
    if size > MAX_NAME_BYTES:
        raise _bad_name(f"The name has {size} bytes, at most {MAX_NAME_BYTES} are allowed.")


def check_group(group: str) -> None:
    """Refuse what is not a group: ``/`` or a path of names such as ``/Servers/Web``.

    Raises:
        SettingsError: with the rule that the group breaks.
    """
    if not group.startswith("/") or (group != "/" and group.endswith("/")):
        raise _bad_name(f'The group "{group}" must start with a slash and not end with one.')
    for name in group.split("/")[1:] if group != "/" else []:
        check_machine_name(name)


def machine_path(name: str, base_folder: str | None = None, group: str = "/") -> str:
    """Return the path of the settings file of a machine with a name.

    Args:
        name: name of the machine.
        base_folder: folder that holds the machines, the default machine folder when ``None``.
        group: group of the machine, whose names become folders.

    Raises:
        SettingsError: the name or the group is not allowed.
    """
    check_machine_name(name)
    check_group(group)
    stem = file_stem(name)
    folder = os.path.abspath(base_folder or default_machine_folder())
    parts = [file_stem(part) for part in group.split("/") if part]
    return os.path.join(folder, *parts, stem, stem + MACHINE_EXTENSION)


def file_stem(name: str) -> str:
    """Return a machine's name without the characters that some file systems refuse."""
    return re.sub(_NOT_PORTABLE, "_", name)


def relative_location(folder: str, path: str) -> str:
    """Return a path relative to a folder when it is inside it, else as it is."""
    absolute = os.path.abspath(path)
    inside = os.path.join(os.path.abspath(folder), "")
    return absolute.removeprefix(inside)


def resolve_location(folder: str, location: str) -> str:
    """Return the absolute path of a location that may be relative to a folder.

    Paths of other systems, those with a drive letter, are returned as they are.
    """
    if not location or os.path.isabs(location) or _is_windows_path(location):
        return location
    return os.path.normpath(os.path.join(folder, location))


def check_new_machine_folder(path: str) -> None:
    """Refuse to create a machine in a folder that exists.

    Args:
        path: the settings file that is to be created.

    Raises:
        SettingsError: its folder exists.
    """
    folder = os.path.dirname(path)
    if os.path.lexists(folder):
        raise SettingsError(
            SettingsErrorCode.OBJECT_IN_USE,
            f"The folder {folder} exists already; choose another name or folder.",
            path=folder,
        )


def _is_windows_path(location: str) -> bool:
    drive = len(location) > 2 and location[0].isalpha() and location[1] == ":"
    return (drive and location[2] in "\\/") or location.startswith("\\\\")


def _bad_name(sentence: str) -> SettingsError:
    return SettingsError(SettingsErrorCode.INVALID_ARGUMENT, sentence)
