"""``extpack``, ``cloud``, ``cloudprofile`` and ``updatecheck``: what this product does without."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.output import PRODUCT

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments


@command(
    "extpack",
    "Extension packs of VirtualBox, which cannot be installed here.",
    usage=(
        "extpack install [--replace] [--accept-license=<sha256>] <tarball>",
        "extpack uninstall [--force] <name>",
        "extpack cleanup",
    ),
    raw=True,
)
def extpack(_context: Context, arguments: Arguments) -> None:
    """Say that there are none; cleaning up after none works."""
    word = arguments.word(0, "subcommand")
    if word == "cleanup":
        print("Successfully performed extension pack cleanup")
    elif word == "install":
        raise CommandError(
            f"{PRODUCT} cannot load extension packs: they are programs for VirtualBox itself"
        )
    elif word == "uninstall":
        name = arguments.words[-1] if len(arguments.words) > 1 else ""
        raise CommandError(f"No extension pack by the name '{name}' was found")
    else:
        raise UsageError(f"Unknown subcommand '{word}'")


@command(
    "cloud",
    "Machines in clouds, for which there is no provider here.",
    usage=("cloud [--provider=<name>] [--profile=<name>] <list | image | instance | network> ...",),
    raw=True,
)
def cloud(_context: Context, _arguments: Arguments) -> NoReturn:
    """Say that there is no provider."""
    _no_provider()


@command(
    "cloudprofile",
    "Accounts of cloud providers, of which there are none here.",
    usage=("cloudprofile --provider=<name> --profile=<name> <add | update | delete | show> ...",),
    raw=True,
)
def cloudprofile(_context: Context, _arguments: Arguments) -> NoReturn:
    """Say that there is no provider."""
    _no_provider()


@command(
    "updatecheck",
    "Looking for new releases, which the package manager of the host does here.",
    usage=("updatecheck perform", "updatecheck list", "updatecheck modify ..."),
    raw=True,
)
def updatecheck(_context: Context, arguments: Arguments) -> None:
    """Say who updates this product."""
    word = arguments.word(0, "subcommand")
    if word not in ("perform", "list", "modify"):
        raise UsageError(f"Unknown subcommand '{word}'")
    raise CommandError(
        f"{PRODUCT} does not look for new releases itself: update it with the tool with which it "
        "was installed"
    )


def _no_provider() -> NoReturn:
    raise CommandError("There is no cloud provider: this product has no support for clouds")
