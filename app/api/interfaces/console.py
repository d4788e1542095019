"""``IConsole`` with its keyboard and display: what a running VM obeys.

The VM process implements this protocol and offers it with :meth:`app.api.client.Client.serve`;
every other client calls it through the service. Calls come one at a time, in order, on the
client's console thread, never on the UI thread or the EMT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.schema import interface

if TYPE_CHECKING:
    from app.api.hoststructs import HostUsbDevice
    from app.api.structs import DiskWork, ScreenInfo, SnapshotDisk, VrdeServerInfo
    from app.settings.model import MachineSettings


@interface("console", bound="id")
class Console(Protocol):
    """Methods of a running VM.

    Through the service each raises ``VBOX_E_INVALID_VM_STATE`` when the machine does not run and
    ``VBOX_E_TIMEOUT`` when its process does not answer.
    """

    def pause(self) -> None:
        """Stop the virtual CPU and virtual time."""

    def resume(self) -> None:
        """Go on after ``pause``."""

    def reset(self) -> None:
        """Press the reset button."""

    def power_off(self) -> None:
        """Pull the plug; the VM process ends."""

    def power_button(self) -> None:
        """Press the ACPI power button."""

    def sleep_button(self) -> None:
        """Press the ACPI sleep button.

        Raises:
            ApiError: ``VBOX_E_PDM_ERROR``: the guest does not listen to it.
        """

    def insert_cad(self) -> None:
        """Type Ctrl+Alt+Del."""

    def put_scancodes(self, scancodes: list[int]) -> int:
        """Send bytes of scan code set 1 (0 to 255) from the keyboard.

        Returns:
            How many the keyboard took: fewer when the guest does not read them for a second or so.
            Send the rest again.
        """

    def mount_medium(
        self, controller: str, port: int, device: int, path: str | None, force: bool = False
    ) -> None:
        """Put an image into a removable drive, or eject with ``path`` None.

        Called through the service it also changes the settings; see ``machine.mount_medium``.
        """

    def apply_settings(self, settings: MachineSettings, force_unplug: bool = False) -> None:
        """Take over what of these settings may change while the machine runs.

        The service calls this before it stores changed settings; clients call
        ``machine.save_settings``.

        Args:
            settings: What is wanted.
            force_unplug: Drives go even when the guest does not give them up.

        Raises:
            ApiError: ``VBOX_E_HOST_ERROR``, ``VBOX_E_VM_ERROR``: the host side of a port cannot be
                opened; nothing has changed.
        """

    def screenshot(self, screen: int = 0) -> bytes:
        """Guest screen as a PNG file."""

    def get_screen_resolution(self, screen: int = 0) -> ScreenInfo:
        """Resolution of a guest screen.

        Raises:
            ApiError: ``E_INVALIDARG``: there is no such screen.
        """

    def screen_text(self) -> str:
        """What the guest's screen shows in text mode, a line per row; empty in graphics modes."""

    def get_vrde_server_info(self) -> VrdeServerInfo:
        """What is known of the remote display server and its clients."""

    def list_usb_devices(self) -> list[HostUsbDevice]:
        """USB devices of the host that the guest has."""

    def attach_usb_device(self, device: str) -> None:
        """Hand a USB device of the host to the guest; the host's drivers let go of it.

        Args:
            device: ``id`` or ``address`` of one that ``host.list_usb_devices`` tells.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``, ``VBOX_E_OBJECT_IN_USE`` (the guest has it),
                ``VBOX_E_INVALID_VM_STATE`` (no USB controller has a port for it),
                ``VBOX_E_HOST_ERROR`` (libusb is not installed, or the device cannot be opened).
        """

    def detach_usb_device(self, device: str) -> None:
        """Take a USB device of the host back from the guest.

        Args:
            device: ``id`` or ``address`` of one that ``list_usb_devices`` tells.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: the guest does not have it.
        """

    def begin_save_state(self) -> None:
        """Begin to save the execution state; for the service, see ``machine.save_state``."""

    def cancel_save_state(self) -> None:
        """Give up saving the execution state, if it is not complete yet."""

    def begin_snapshot(self, state_file: str, disks: list[SnapshotDisk]) -> None:
        """Capture the state, and have the disks write into new images from the same moment on.

        This and the following are for the service only; clients call the methods of ``snapshot``.
        The state is written to ``state_file`` beside the guest; ``disk_work`` tells how far it is.

        Raises:
            ApiError: Why nothing has changed.
        """

    def begin_merge(self, path: str, forward: bool) -> None:
        """Begin to merge the image at ``path`` with the one above it, ``forward`` into that one."""

    def commit_merge(self) -> None:
        """After a merge: do without the image that is not needed any more."""

    def abandon_merge(self) -> None:
        """Give up a merge, whether it has ended or not; what the guest sees does not change."""

    def disk_work(self) -> DiskWork:
        """How far a snapshot or a merge is."""

    def cancel_disk_work(self) -> None:
        """Have a snapshot or a merge end soon; ``disk_work`` then tells an error."""

    def show_window(self) -> None:
        """Bring the window to the front; a headless VM has none and fails."""
