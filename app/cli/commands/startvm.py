"""``startvm``: switch machines on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from app.cli.commands import command
from app.cli.errors import EXIT_FAILURE, EXIT_OK, CommandError, UsageError
from app.cli.options import Option

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

_OLD_TYPES = {"vrdp": "headless", "vrde": "headless", "capture": "headless"}
"""Front ends of former releases by what took their place."""


@command(
    "startvm",
    "Start machines.",
    usage=(
        (
            "startvm <uuid | vmname>... [--putenv=<name[=value]>] "
            "[--type=<gui | headless | sdl | separate>]"
        ),
    ),
    options=(
        Option(
            ("--type", "-type", "-t"), "front end",
            "How the machine is shown; default: what its settings say.",
        ),
        Option(
            ("--putenv", "-putenv", "-E"), "name[=value]",
            "Set a variable in the environment of the VM process, or remove it.",
        ),
        Option(("--password", "-p"), "file", "Password of an encrypted machine."),
        Option(("--password-id", "-i"), "id", "Name of the password of an encrypted machine."),
    ),
)  # fmt: skip
def startvm(context: Context, arguments: Arguments) -> int:
    """Start each machine; one that fails does not keep the others from it."""
    from app.api.errors import ApiError
    from app.cli.program import print_api_error

    arguments.word(0, "virtual machine name")
    environment = arguments.all("putenv")
    for assignment in environment:
        if not assignment.partition("=")[0]:
            raise UsageError(f"Invalid --putenv argument '{assignment}'")
    if arguments.has("password") or arguments.has("password-id"):
        raise CommandError("Encrypted machines are not supported")
    frontend = arguments.get("type", "").lower()
    frontend = _OLD_TYPES.get(frontend, frontend)
    code = EXIT_OK
    for name in arguments.words:
        try:
            machine = context.client.machine(context.machine(name).id)
            print(f'Waiting for VM "{name}" to power on...', flush=True)
            machine.launch(frontend, environment)
        except ApiError as error:
            sys.stdout.flush()
            print_api_error(error)
            code = EXIT_FAILURE
        else:
            print(f'VM "{name}" has been successfully started.', flush=True)
    return code
