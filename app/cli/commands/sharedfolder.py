"""``sharedfolder``: folders of the host that a machine can reach."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.cli.changing import changed_settings
from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import choice, switch

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import SharedFolder

_GLOBAL: Final = "global"
_POLICIES: Final = {
    "forbidden": "Forbidden",
    "subtree": "AllowedInSharedFolder",
    "relative": "AllowedToRelativeTargets",
    "any": "AllowedToAnyTarget",
}

_NAME: Final = Option(("--name", "-name", "-n"), "name", "Name under which the guest sees it.")
_HOST_PATH: Final = Option(("--hostpath", "-hostpath", "-p"), "path", "Folder of the host.")
_TRANSIENT: Final = Option(
    ("--transient", "-transient", "-t"), help="Until the running machine stops."
)
_MOUNT_POINT: Final = Option(
    ("--auto-mount-point", "--automountpoint"), "path", "Where the guest mounts it by itself."
)
_POLICY: Final = Option(
    ("--symlink-policy",), "forbidden|subtree|relative|any",
    "Which symbolic links the guest may create.",
)  # fmt: skip
_ADD: Final = (
    _NAME,
    _HOST_PATH,
    _TRANSIENT,
    Option(("--readonly", "-readonly", "-r"), help="The guest may not write."),
    Option(("--automount", "-automount", "-a"), help="The guest mounts it by itself."),
    _MOUNT_POINT,
    _POLICY,
)
_MODIFY: Final = (
    _NAME,
    _HOST_PATH,
    _TRANSIENT,
    Option(("--readonly", "-r"), "true|false", "Whether the guest may not write."),
    Option(("--automount", "-a"), "true|false", "Whether the guest mounts it by itself."),
    _MOUNT_POINT,
    _POLICY,
)

_sharedfolder: Final = Subcommands()


@command(
    "sharedfolder",
    "Share folders of the host with a machine.",
    usage=(
        ("sharedfolder add <uuid | vmname> --name=<name> --hostpath=<path> [--readonly] "
        "[--transient] [--automount] [--auto-mount-point=<path>]"),
        "sharedfolder remove <uuid | vmname> --name=<name> [--transient]",
        ("sharedfolder modify <uuid | vmname> --name=<name> [--readonly=<true | false>] "
        "[--automount=<true | false>] [--auto-mount-point=<path>] "
        "[--symlink-policy=<forbidden | subtree | relative | any>]"),
    ),
    options=_ADD,
    raw=True,
)
def sharedfolder(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    return _sharedfolder.run(context, arguments)


@_sharedfolder.add("add", options=_ADD)
def _add(context: Context, arguments: Arguments) -> None:
    from app.settings.model import SharedFolder

    target = _target(arguments)
    folder = SharedFolder(
        name=arguments.require("name"),
        host_path=os.path.abspath(arguments.require("hostpath")),
        writable=not arguments.has("readonly"),
        auto_mount=arguments.has("automount"),
        auto_mount_point=arguments.get("auto-mount-point", ""),
        symlink_policy=_policy(arguments),
    )
    _check_name(folder.name)
    if arguments.has("transient"):
        context.client.transient_shared_folders(context.machine(target).id).add_transient(folder)
        return
    with changed_settings(context, target) as settings:
        folders = settings.hardware.shared_folders
        if any(other.name == folder.name for other in folders):
            raise CommandError(f"Shared folder named '{folder.name}' already exists")
        folders.append(folder)


@_sharedfolder.add("modify", options=_MODIFY)
def _modify(context: Context, arguments: Arguments) -> None:
    target, name = _target(arguments), arguments.require("name")
    _policy(arguments)
    if arguments.has("transient"):
        folders = context.client.transient_shared_folders(context.machine(target).id)
        folder = _find(folders.list_transient(), name)
        _change(folder, arguments)
        folders.replace_transient(folder)
        return
    with changed_settings(context, target) as settings:
        _change(_find(settings.hardware.shared_folders, name), arguments)


@_sharedfolder.add("remove", options=[_NAME, _TRANSIENT])
def _remove(context: Context, arguments: Arguments) -> None:
    target, name = _target(arguments), arguments.require("name")
    if arguments.has("transient"):
        context.client.transient_shared_folders(context.machine(target).id).remove_transient(name)
        return
    with changed_settings(context, target) as settings:
        folders = settings.hardware.shared_folders
        folders.remove(_find(folders, name))


def _change(folder: SharedFolder, arguments: Arguments) -> None:
    readonly, auto_mount = arguments.get("readonly"), arguments.get("automount")
    if readonly is not None:
        folder.writable = not switch("--readonly", readonly)
    if auto_mount is not None:
        folder.auto_mount = switch("--automount", auto_mount)
    path = arguments.get("hostpath")
    if path is not None:
        folder.host_path = os.path.abspath(path)
    folder.auto_mount_point = arguments.get("auto-mount-point", folder.auto_mount_point)
    folder.symlink_policy = _policy(arguments) or folder.symlink_policy


def _target(arguments: Arguments) -> str:
    target = arguments.word(0, "virtual machine name or UUID")
    arguments.at_most(1)
    if target == _GLOBAL:
        raise CommandError("Global shared folders are not supported: name a machine")
    return target


def _find(folders: list[SharedFolder], name: str) -> SharedFolder:
    for folder in folders:
        if folder.name == name:
            return folder
    raise CommandError(f"Could not find a shared folder named '{name}'")


def _check_name(name: str) -> None:
    if not name or any(character in '\\/:*?"<>|' for character in name):
        raise UsageError(f"Invalid shared folder name '{name}'")


def _policy(arguments: Arguments) -> str:
    text = arguments.get("symlink-policy")
    return "" if text is None else choice("--symlink-policy", text, _POLICIES)
