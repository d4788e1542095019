"""LSI Logic Fusion-MPT: the SCSI host 53C1030; its units are those of :mod:`engine.scsi`."""

from engine.devices.lsilogic.controller import LsiLogicScsi

__all__ = ["LsiLogicScsi"]
