"""Fetches the preferences before the first window, since the scale factor must be known by then.

The service is asked on a thread of its own while the program loads Qt; nothing is shown yet that
could stand still.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from app.api.client import connect
from app.api.errors import ApiError
from app.common.preferences import InterfacePreferences

_PATIENCE: Final = 3.0
"""Seconds until the program starts with the defaults; a service that starts takes under one."""

_logger = logging.getLogger(__name__)


class StartupPreferences:
    """The preferences, on their way from the service since this object exists.

    Args:
        client_name: shown in the service's log.
    """

    def __init__(self, client_name: str) -> None:
        self._client_name = client_name
        self._preferences = InterfacePreferences()
        self._thread = threading.Thread(target=self._fetch, name="startup-preferences", daemon=True)
        self._thread.start()

    def get(self) -> InterfacePreferences:
        """Wait for the preferences; the defaults where the service cannot be asked."""
        self._thread.join(_PATIENCE)
        return self._preferences

    def _fetch(self) -> None:
        try:
            with connect(client_name=self._client_name, timeout=_PATIENCE) as client:
                extra_data = client.virtualbox.list_extra_data()
        except ApiError as error:
            # Whoever connects for good tells people; here only the look is at stake.
            _logger.warning("The preferences are the defaults: %s", error.message)
        else:
            self._preferences = InterfacePreferences.from_extra_data(extra_data)
