"""What the window remembers about a machine, in the machine's extra data.

Keys and values are VirtualBox's where it has them, so that habits survive the move.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from app.common.questions import ALL_SUPPRESSED
from app.vmwindow.capture_policy import MouseCapturePolicy
from app.vmwindow.close_dialog import CloseAction
from app.vmwindow.screen.placement import ScaleMode

_logger = logging.getLogger(__name__)

_LAST_CLOSE: Final = "GUI/LastCloseAction"
_DEFAULT_CLOSE: Final = "GUI/DefaultCloseAction"
_RESTRICTED_CLOSE: Final = "GUI/RestrictedCloseActions"
_CLOSE_HOOK: Final = "GUI/CloseActionHook"
_SCALE_MODE: Final = "GUI/ScaleMode"
_AUTO_CAPTURE: Final = "GUI/Input/AutoCapture"
_RESTRICTED_DIALOGS: Final = "GUI/RestrictedDialogs"
_LOCK_SYNC: Final = "GUI/HidLedsSync"
_SUPPRESSED: Final = "GUI/SuppressMessages"
_CAPTURE_POLICY: Final = "GUI/MouseCapturePolicy"

Store = Callable[[str, str], None]
"""Writes a key and its value into the settings; an empty value removes the key. Blocks."""


class Preferences:
    """Typed view of the extra data that belong to the window; for the UI thread.

    Args:
        extra_data: extra data as they are in the settings.
        store: writes one of them back, called on a worker thread; None keeps them in memory.
    """

    def __init__(self, extra_data: Mapping[str, str], store: Store | None = None) -> None:
        self._data = dict(extra_data)
        # What the installation's preferences say, where the machine's say nothing.
        self.auto_capture_by_default = True
        self._store = store
        self._writer = ThreadPoolExecutor(1, "preferences")
        self._pending: list[Future[None]] = []

    @property
    def last_close_action(self) -> CloseAction | None:
        """What was chosen when the window was closed last."""
        value = self._data.get(_LAST_CLOSE)
        return CloseAction(value) if value in list(CloseAction) else None

    @last_close_action.setter
    def last_close_action(self, action: CloseAction) -> None:
        if action is not self.last_close_action:
            self._set(_LAST_CLOSE, action.value)

    @property
    def default_close_action(self) -> CloseAction | None:
        """What closing the window does without a question."""
        value = self._data.get(_DEFAULT_CLOSE)
        return CloseAction(value) if value in list(CloseAction) else None

    @property
    def restricted_close_actions(self) -> frozenset[CloseAction]:
        """What closing the window must not offer."""
        names = {name.strip() for name in self._list(_RESTRICTED_CLOSE, ",")}
        return frozenset(action for action in CloseAction if action.value in names)

    @property
    def close_hook(self) -> str:
        """Program that is run instead of closing; empty: none."""
        return self._data.get(_CLOSE_HOOK, "")

    @property
    def scale_mode(self) -> ScaleMode:
        """How the picture fills the window."""
        value = self._data.get(_SCALE_MODE)
        return ScaleMode(value) if value in list(ScaleMode) else ScaleMode.ONE_TO_ONE

    @scale_mode.setter
    def scale_mode(self, mode: ScaleMode) -> None:
        if mode is not self.scale_mode:
            self._set(_SCALE_MODE, mode.value)

    @property
    def auto_capture(self) -> bool:
        """Whether the keyboard is captured together with the focus."""
        value = self._data.get(_AUTO_CAPTURE)
        return self.auto_capture_by_default if value is None else value != "false"

    @auto_capture.setter
    def auto_capture(self, enabled: bool) -> None:
        if enabled != self.auto_capture:
            self._set(_AUTO_CAPTURE, "true" if enabled else "false")

    @property
    def lock_sync(self) -> bool:
        """Whether the lock LEDs of host and guest are kept alike."""
        return self._data.get(_LOCK_SYNC) != "false"

    @property
    def mouse_capture_policy(self) -> MouseCapturePolicy:
        """When the guest may get the mouse."""
        value = self._data.get(_CAPTURE_POLICY, "")
        known = value in list(MouseCapturePolicy)
        return MouseCapturePolicy(value) if known else MouseCapturePolicy.DEFAULT

    @mouse_capture_policy.setter
    def mouse_capture_policy(self, policy: MouseCapturePolicy) -> None:
        self.put(_CAPTURE_POLICY, "" if policy is MouseCapturePolicy.DEFAULT else policy.value)

    def is_restricted(self, dialog: str) -> bool:
        """Tell whether a dialog must not come up by itself."""
        return dialog in self._list(_RESTRICTED_DIALOGS, ",")

    def restrict(self, dialog: str) -> None:
        """Do not show a dialog by itself again."""
        if not self.is_restricted(dialog):
            names = [*self._list(_RESTRICTED_DIALOGS, ","), dialog]
            self._set(_RESTRICTED_DIALOGS, ",".join(names))

    def is_suppressed(self, message: str) -> bool:
        """Tell whether a message is no longer wanted."""
        silenced = self._list(_SUPPRESSED, ",")
        return message in silenced or ALL_SUPPRESSED in silenced

    def suppress(self, message: str) -> None:
        """Do not show a message again."""
        if not self.is_suppressed(message):
            self._set(_SUPPRESSED, ",".join([*self._list(_SUPPRESSED, ","), message]))

    def unsuppress(self, message: str) -> None:
        """Show a message again; all of them when none was wanted."""
        left = (name for name in self._list(_SUPPRESSED, ",") if name != message)
        self.put(_SUPPRESSED, ",".join(name for name in left if name != ALL_SUPPRESSED))

    def text(self, key: str) -> str:
        """Return a value as it is stored; empty when there is none."""
        return self._data.get(key, "")

    def put(self, key: str, value: str) -> None:
        """Store a value, if it is another than before; an empty one removes the key."""
        if value != self.text(key):
            self._set(key, value)

    def flush(self, timeout: float) -> None:
        """Wait (seconds) until everything is stored; for a worker thread."""
        wait(list(self._pending), timeout)

    def _list(self, key: str, separator: str) -> list[str]:
        return [part for part in self._data.get(key, "").split(separator) if part]

    def _set(self, key: str, value: str) -> None:
        self._data[key] = value
        if self._store is not None:
            self._pending = [future for future in self._pending if not future.done()]
            self._pending.append(self._writer.submit(self._write, self._store, key, value))

    @staticmethod
    def _write(store: Store, key: str, value: str) -> None:
        try:
            store(key, value)
        except Exception as error:
            # A forgotten preference is no reason to disturb anybody.
            _logger.warning("The preference %s=%s was not stored: %s", key, value, error)
