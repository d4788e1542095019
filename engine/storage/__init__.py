"""Disk, optical disc and floppy images on the host.

:mod:`engine.storage.medium` is the one interface that every format implements and that devices
use; each module of :mod:`engine.storage.formats` declares the formats it knows.
"""
