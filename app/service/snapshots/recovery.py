"""Finishing, when the service starts, what was interrupted with snapshots."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError
from app.service.holding import Caretaker

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.service.server import Service

_logger = logging.getLogger(__name__)

_DOING: Final = "Finishing an interrupted operation with a snapshot"


def finish_interrupted(service: Service) -> None:
    """Begin to finish it, on a thread of its own, one machine after the other."""
    machines = service.snapshots.interrupted()
    if machines:
        threading.Thread(
            target=_finish, args=(service, machines), name="snapshots", daemon=True
        ).start()


def _finish(service: Service, machines: list[Machine]) -> None:
    for machine in machines:
        operation = service.operations.begin(_DOING, "service", None)
        try:
            service.snapshots.settle(
                machine, Caretaker("which finishes an interrupted operation"), operation.update
            )
        except (ApiError, OSError) as error:
            failure = error if isinstance(error, ApiError) else None
            _logger.error("'%s' cannot be finished: %s", machine.info.name, error)
            operation.complete(failure)
        else:
            operation.complete(None)
