"""Verbs of ``controlvm`` for parts that this version lacks: each says what is missing.

They are declared so that a script is told the reason instead of a mistake in its words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.commands.controlvm_verbs import Control, verb

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.api.errors import ApiError

_ADDITIONS: Final = "'{verb}' needs the Guest Additions, which the guest of '{name}' does not run."
ABSENT: Final = {
    "reboot": _ADDITIONS + " Use 'reset', or reboot it from within.",
    "shutdown": _ADDITIONS + " Use 'acpipowerbutton'.",
    "setcredentials": _ADDITIONS,
    "setvideomodehint": _ADDITIONS,
    "setscreenlayout": _ADDITIONS,
    "webcam": "Guests of this version get no webcam.",
    "teleport": "Machines cannot be teleported by this version.",
    "plugcpu": "The machine '{name}' has no CPU hot-plugging.",
    "unplugcpu": "The machine '{name}' has no CPU hot-plugging.",
    "addencpassword": "Encrypted media are not supported.",
    "removeencpassword": "Encrypted media are not supported.",
    "removeallencpasswords": "Encrypted media are not supported.",
}
"""What each verb is told."""


def not_supported(sentence: str) -> ApiError:
    """The error for a part that is not there."""
    from app.api.errors import ApiError, ErrorCode

    return ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "console")


def _refusal(sentence: str) -> Callable[[Control], None]:
    def function(control: Control) -> None:
        raise not_supported(sentence.format(verb=control.verb, name=control.info.name))

    return function


for _name, _sentence in ABSENT.items():
    verb(_name)(_refusal(_sentence))
