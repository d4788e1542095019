"""Machines of an installed VirtualBox: its registry is read, and never written."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import msgspec

from app.settings.errors import SettingsError
from app.settings.global_file import GlobalFile
from app.settings.machine_file import MachineFile
from app.settings.paths import GLOBAL_FILE, home_folder


class ForeignMachine(msgspec.Struct, frozen=True, kw_only=True):
    """A machine in the registry of an installed VirtualBox.

    Attributes:
        uuid: UUID in the registry.
        path: absolute path of the settings file.
        registry: the ``VirtualBox.xml`` that names it.
        name: name of the machine, that of its file when the file cannot be read.
        os_type_id: operating system of the guest, empty when the file cannot be read.
        problem: why it cannot be taken over, empty when it can.
    """

    uuid: str
    path: str
    registry: str
    name: str
    os_type_id: str = ""
    problem: str = ""


def virtualbox_folders(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the folders in which an installed VirtualBox keeps ``VirtualBox.xml``.

    ``VBOX_USER_HOME`` names the only one; else there is the present one of the platform and, on
    Linux and Solaris, the one of releases before 4.3.
    """
    override = environ.get("VBOX_USER_HOME", "")
    if override:
        return [os.path.abspath(override)]
    if sys.platform == "win32":
        return [os.path.join(environ.get("USERPROFILE", "") or home_folder(environ), ".VirtualBox")]
    home = home_folder(environ)
    if sys.platform == "darwin":
        return [os.path.join(home, "Library", "VirtualBox")]
    base = environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(home, ".config")
    return [os.path.join(base, "VirtualBox"), os.path.join(home, ".VirtualBox")]


def foreign_machines(
    own_registry: str, environ: Mapping[str, str] = os.environ
) -> list[ForeignMachine]:
    """Return the machines of an installed VirtualBox, the unusable ones with the reason.

    Args:
        own_registry: ``VirtualBox.xml`` of this program, which is left out: ``VBOX_USER_HOME``
            may name its folder too.
        environ: environment variables.

    Raises:
        SettingsError: there is a registry and it is damaged.
    """
    found: dict[str, ForeignMachine] = {}
    for folder in virtualbox_folders(environ):
        registry = os.path.join(folder, GLOBAL_FILE)
        if not os.path.exists(registry) or _same(registry, own_registry):
            continue
        for entry in GlobalFile.load(registry).settings.machines:
            path = os.path.normpath(os.path.join(folder, entry.path))
            found.setdefault(entry.uuid, _looked_at(entry.uuid, path, registry))
    return list(found.values())


def _looked_at(uuid: str, path: str, registry: str) -> ForeignMachine:
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        settings = MachineFile.load(path).settings
    except SettingsError as error:
        return ForeignMachine(
            uuid=uuid, path=path, registry=registry, name=name, problem=str(error)
        )
    problem = ""
    if settings.uuid != uuid:
        problem = f"{path} holds the machine {settings.uuid}, {registry} expects {uuid}"
    return ForeignMachine(
        uuid=uuid,
        path=path,
        registry=registry,
        name=settings.name,
        os_type_id=settings.os_type_id,
        problem=problem,
    )


def _same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)
