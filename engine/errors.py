"""Errors of the host side: what the host or the configuration did wrong.

What a *guest* does wrong is never an exception but a line on the ``guest`` log channel (house
rule 6). Each error has a stable ``code`` that front ends may act on, the ``component`` it comes
from, and a sentence that contains the facts.
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Base of every error that the engine raises on purpose.

    Attributes:
        code: stable identifier, upper case, e.g. ``VERR_FILE_NOT_FOUND``.
        component: the part of the engine that speaks, in the house's names (PDM, PGM, EM...).
    """

    code: ClassVar[str] = "VERR_GENERAL_FAILURE"
    component: ClassVar[str] = "VMM"


class ConfigurationError(EngineError):
    """The configuration tree asks for something that cannot be built."""

    code = "VERR_CFGM_INVALID"
    component = "CFGM"


class FirmwareMissingError(EngineError):
    """No usable PC BIOS or VGA BIOS image was found on this host."""

    code = "VERR_FIRMWARE_NOT_FOUND"
    component = "PcBios"


class ResourceConflictError(EngineError):
    """Two devices claim the same port, address range or name."""

    code = "VERR_IOM_RANGE_CONFLICT"
    component = "IOM"


class ExecutionEngineError(EngineError):
    """The execution engine cannot run on this host, or has failed while running."""

    code = "VERR_EM_INTERNAL_ERROR"
    component = "EM"


class InvalidStateError(EngineError):
    """The VM is not in a state in which the request makes sense."""

    code = "VERR_VM_INVALID_VM_STATE"
    component = "VM"


class SavedStateError(EngineError):
    """A saved state is damaged, or does not fit this machine."""

    code = "VERR_SSM_INTEGRITY"
    component = "SSM"
