"""What was begun with images and is not over: read again by the next service.

``snapshots/<uuid>.json`` in the configuration directory exists while images of a machine are being
made, merged or deleted for a snapshot. It is flushed before the first image is touched.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.service.journal import Journal
from app.service.snapshots.tree import MergeStep
from app.settings.storage import HardDisk


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was begun.

    Attributes:
        machine_id: UUID of the machine.
        deleting: UUID of the snapshot that is being deleted; empty: none is.
        step: The merge that is going on for that.
        committing: It was copied, and headers of images may have been changed.
        taking: UUID of the snapshot that is being taken of a running machine; empty: none is.
        images: Its new images: they hold what the machine has written since then, though the
            settings may not know them.
        files: Absolute paths of files to delete, unless the settings need them.
    """

    machine_id: str
    deleting: str = ""
    step: MergeStep | None = None
    committing: bool = False
    taking: str = ""
    images: list[HardDisk] = []
    files: list[str] = []


class SnapshotJournal(Journal[Unfinished]):
    """The entries of one configuration directory."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "snapshots", Unfinished)
