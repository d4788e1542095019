"""Interfaces of the Main API, one file each; :mod:`app.api.schema` tells how to declare them."""

from app.api.interfaces.console import Console
from app.api.interfaces.machine import Machine
from app.api.interfaces.progress import Progress
from app.api.interfaces.session import Session
from app.api.interfaces.virtualbox import VirtualBox

__all__ = ["Console", "Machine", "Progress", "Session", "VirtualBox"]
