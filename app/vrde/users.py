"""Users and passwords of the remote display, as VirtualBox's library VBoxAuthSimple keeps them.

The extra data ``VBoxAuthSimple/users/NAME`` of a machine is the SHA-256 of the user's password, in
hexadecimal (VirtualBox manual, "RDP Authentication").
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

AUTH_SIMPLE: Final = "VBoxAuthSimple"
_PREFIX: Final = "VBoxAuthSimple/users/"


def users_of(extra_data: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of passwords by user name."""
    return {
        key.removeprefix(_PREFIX): value.strip().lower()
        for key, value in extra_data.items()
        if key.startswith(_PREFIX) and len(key) > len(_PREFIX)
    }


def password_is_right(users: Mapping[str, str], user: str, password: bytes) -> bool:
    """Tell whether this is the user's password; takes as long for a user who is not known."""
    digest = hashlib.sha256(password).hexdigest()
    return hmac.compare_digest(digest.encode(), users.get(user, "").encode())
