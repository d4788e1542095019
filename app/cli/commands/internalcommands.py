"""``internalcommands``: what people need now and then, such as another UUID for a copied image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.commands import command
from app.cli.errors import UsageError
from app.cli.media import absolute, is_uuid

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments


@command(
    "internalcommands",
    "Commands for special purposes.",
    usage=(
        "internalcommands sethduuid <filepath> [<uuid>]",
        "internalcommands convertdd <inputfile> <outputfile>",
    ),
)
def internalcommands(context: Context, arguments: Arguments) -> None:
    """Find the command that the first word names."""
    name = arguments.word(0, "command")
    if name == "sethduuid":
        _sethduuid(context, arguments)
    elif name == "convertdd":
        from app.cli.commands.convertfromraw import convertfromraw

        arguments.words.pop(0)
        convertfromraw(context, arguments)
    else:
        raise UsageError(f"Invalid command '{name}'")


def _sethduuid(context: Context, arguments: Arguments) -> None:
    path = arguments.word(1, "image file")
    arguments.at_most(3)
    identity = arguments.words[2] if len(arguments.words) > 2 else ""
    if identity and not is_uuid(identity):
        raise UsageError(f"UUID parameter is invalid: '{identity}'")
    changed = context.client.virtualbox.set_image_uuid(absolute(path), identity)
    print(f"UUID changed to: {changed}")
