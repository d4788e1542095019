"""When the guest may get the mouse."""

from enum import StrEnum


class MouseCapturePolicy(StrEnum):
    """Values of the extra data ``GUI/MouseCapturePolicy``, as in VirtualBox."""

    DEFAULT = "Default"
    """A click into the picture, the host key alone and the menu capture it."""
    HOST_COMBO_ONLY = "HostComboOnly"
    """A click does not; the host key alone and the menu do."""
    DISABLED = "Disabled"
    """Nothing does."""
