"""SCSI units without a controller: what disks and optical drives do with a command.

- ``unit``: commands of every unit, sense data, and the interface for controllers;
- ``disk``: direct access devices (SBC); ``optical``: CD/DVD drives, with the commands of MMC;
- ``hostdevice``: base of controllers with a unit at each target.
"""

from engine.scsi.disk import ScsiDisk
from engine.scsi.hostdevice import ScsiHostDevice
from engine.scsi.optical import ScsiOptical
from engine.scsi.unit import DataPhase, Job, Outcome, ScsiHost, ScsiUnit, UnitState

__all__ = [
    "DataPhase",
    "Job",
    "Outcome",
    "ScsiDisk",
    "ScsiHost",
    "ScsiHostDevice",
    "ScsiOptical",
    "ScsiUnit",
    "UnitState",
]
