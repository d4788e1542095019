"""Intel High Definition Audio: the controller of the ICH6, and a STAC9221 codec on its link."""

from engine.devices.hda.controller import Hda

__all__ = ["Hda"]
