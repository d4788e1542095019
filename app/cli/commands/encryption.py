"""``encryptmedium``, ``encryptvm`` and their like: what is not there says so.

They are declared so that a script is told the reason instead of a mistake in its words. Nothing is
changed, and the machine or medium must be there, so that mistakes in its name are told too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from app.cli.commands import command
from app.cli.errors import UsageError
from app.cli.options import Option

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

_PASSWORDS = (
    Option(("--newpassword", "--new-password"), "file | -", "File with the new password."),
    Option(("--oldpassword", "--old-password"), "file | -", "File with the present password."),
    Option(("--cipher",), "name", "Cipher, such as AES-XTS256-PLAIN64."),
    Option(("--newpasswordid", "--new-password-id"), "id", "Name of the new password."),
    Option(("--force",), help="Encrypt even if the password has no name."),
)


@command(
    "encryptmedium",
    "Encrypting media, which this version cannot do.",
    usage=(
        ("encryptmedium <uuid | filename> [--newpassword=<file>] [--oldpassword=<file>] "
        "[--cipher=<name>] [--newpasswordid=<id>]"),
    ),
    options=_PASSWORDS[:-1],
)
def encryptmedium(context: Context, arguments: Arguments) -> NoReturn:
    """Say that media are not encrypted."""
    _refuse_medium(context, arguments, 1)


@command(
    "checkmediumpwd",
    "Checking the password of an encrypted medium, of which there are none.",
    usage=("checkmediumpwd <uuid | filename> <password-file>",),
)
def checkmediumpwd(context: Context, arguments: Arguments) -> NoReturn:
    """Say that media are not encrypted."""
    arguments.word(1, "password file")
    _refuse_medium(context, arguments, 2)


@command(
    "encryptvm",
    "Encrypting machines, which this version cannot do.",
    usage=(
        ("encryptvm <uuid | vmname> setencryption [--new-password=<file>] [--old-password=<file>] "
        "[--cipher=<name>] [--new-password-id=<id>] [--force]"),
        "encryptvm <uuid | vmname> checkpassword <file>",
        "encryptvm <uuid | vmname> addpassword --password=<file> --password-id=<id>",
        "encryptvm <uuid | vmname> removepassword <id>",
    ),
    options=(
        *_PASSWORDS,
        Option(("--password",), "file | -", "File with the password."),
        Option(("--password-id",), "id", "Name of the password."),
    ),
)
def encryptvm(context: Context, arguments: Arguments) -> NoReturn:
    """Say that machines are not encrypted."""
    name = arguments.word(0, "virtual machine name or UUID")
    action = arguments.word(1, "subcommand")
    if action not in ("setencryption", "checkpassword", "addpassword", "removepassword"):
        raise UsageError(f"Unknown subcommand '{action}'")
    info = context.machine(name)
    _refuse(f"The machine '{info.name}' is not encrypted, and this version cannot encrypt it")


def _refuse_medium(context: Context, arguments: Arguments, words: int) -> NoReturn:
    from app.cli.media import find_or_open
    from app.settings.devicetype import DeviceType

    name = arguments.word(0, "medium name or UUID")
    arguments.at_most(words)
    path = find_or_open(context, name, DeviceType.HARD_DISK).path
    _refuse(f"The medium '{path}' is not encrypted, and this version cannot encrypt media")


def _refuse(sentence: str) -> NoReturn:
    from app.api.errors import ApiError, ErrorCode

    raise ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "medium")
