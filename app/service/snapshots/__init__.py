"""Snapshots of machines: states to come back to.

A snapshot holds a copy of the settings, and has the hard disks' images for itself; the machine goes
on in differencing images upon them. :mod:`~app.service.snapshots.tree` says what becomes of the
settings, :mod:`~app.service.snapshots.images` makes and merges images with the image worker,
:mod:`~app.service.snapshots.offline` and :mod:`~app.service.snapshots.online` do it, and
:mod:`~app.service.snapshots.journal` remembers what was begun.
"""

from __future__ import annotations

from app.service.snapshots.tree import REMEMBERED, find, require_name

__all__ = ["REMEMBERED", "find", "require_name"]
