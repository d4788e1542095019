"""AC'97 sound of the Intel ICH: the controller's bus master streams, and the codec behind them."""

from engine.devices.ac97.controller import Ac97

__all__ = ["Ac97"]
