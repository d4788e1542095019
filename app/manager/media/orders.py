"""What a dialog wants the service to do; who opened the dialog decides how progress is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Order:
    """A long operation that makes or changes a medium.

    Attributes:
        title: what is done ("Creating “a.vdi”").
        failure: what could not be done, as a title.
        method: name on the wire.
        params: parameters by name.
    """

    title: str
    failure: str
    method: str
    params: Mapping[str, Any]
