"""Which paravirtualization interface a guest gets."""

from __future__ import annotations

from typing import Final

from app.settings.enums import ParavirtProvider
from app.settings.guestos import find_os_type

_BEFORE_VISTA: Final = frozenset({
    "Windows31", "Windows95", "Windows98", "WindowsMe", "WindowsNT3x", "WindowsNT4", "Windows2000",
    "WindowsXP", "WindowsXP_64", "Windows2003", "Windows2003_64", "WindowsNT", "WindowsNT_64",
})  # fmt: skip
_OLD_LINUX: Final = frozenset({"Linux22", "Linux24", "Linux24_64"})
"""Systems that look for no interface and may stumble over one."""


def effective_provider(provider: str, os_type_id: str) -> str:
    """Return the interface that a setting means for a guest: one of None, Minimal, KVM, HyperV.

    Args:
        provider: the setting; words that a newer version may have stand for themselves.
        os_type_id: of the guest; one that is not known gets no interface by default.
    """
    known = find_os_type(os_type_id)
    family = known.family_id if known is not None else ""
    if provider == ParavirtProvider.LEGACY:
        return (ParavirtProvider.MINIMAL if family == "MacOS" else ParavirtProvider.NONE).value
    if provider != ParavirtProvider.DEFAULT:
        return provider
    if family == "MacOS":
        return ParavirtProvider.MINIMAL.value
    if family == "Windows" and os_type_id not in _BEFORE_VISTA:
        return ParavirtProvider.HYPER_V.value
    if family == "Linux" and os_type_id not in _OLD_LINUX:
        return ParavirtProvider.KVM.value
    return ParavirtProvider.NONE.value
