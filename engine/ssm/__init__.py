"""SSM: saved states. A file of named, versioned, checksummed units; see :mod:`engine.ssm.file`."""

from engine.ssm.file import Header, StateReader, StateWriter

__all__ = ["Header", "StateReader", "StateWriter"]
