"""States of a virtual machine, and what it tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class VmState(Enum):
    """Where a VM is in its life."""

    CREATED = "created"
    RUNNING = "running"
    SUSPENDED = "suspended"
    POWERED_OFF = "powered off"
    GURU_MEDITATION = "guru meditation"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The VM has entered a state."""

    state: VmState


@dataclass(frozen=True, slots=True)
class RuntimeErrorRaised:
    """The host has failed the guest; the VM is suspended (or stuck, when ``fatal``)."""

    error_id: str
    message: str
    fatal: bool


@dataclass(frozen=True, slots=True)
class PoweredOffByGuest:
    """The guest has switched the machine off; the owner should call ``power_off``."""


@dataclass(frozen=True, slots=True)
class GuestReset:
    """The machine has been reset."""

    reason: str


@dataclass(frozen=True, slots=True)
class MediumEjected:
    """The guest has opened a tray with a disc in it; the owner should take the disc out.

    Attributes:
        device: instance name of the controller.
        lun: number of the drive's connector there.
    """

    device: str
    lun: int


@dataclass(frozen=True, slots=True)
class PointingChanged:
    """The guest has begun or ceased to take absolute positions of the pointer."""

    absolute: bool


Event = (
    StateChanged
    | RuntimeErrorRaised
    | PoweredOffByGuest
    | GuestReset
    | MediumEjected
    | PointingChanged
)
