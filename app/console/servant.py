"""Answers console calls of other clients: the Main API's ``IConsole`` on this process's VM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.api.structs import DiskWork, ScreenInfo, SnapshotDisk, VrdeServerInfo
from app.console.pckeys import PcKey
from app.console.saving import begin_save_state
from app.console.scancodes import stroke

if TYPE_CHECKING:
    from app.api.hoststructs import HostUsbDevice
    from app.console.console import Console
    from app.settings.model import MachineSettings

CTRL_ALT_DEL = stroke(PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.DELETE)

_PICTURE_DEPTH = 32
"""Bits per pixel of the pictures that surfaces hold, whatever the depth of the guest's mode."""


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "console")


def _check_screen(screen: int) -> None:
    if screen != 0:
        raise _invalid(f"The machine has one screen, number 0; there is no screen {screen}.")


class ConsoleServant:
    """Implements :class:`app.api.interfaces.console.Console`; on the client's console thread."""

    def __init__(self, console: Console, *, has_window: bool = True) -> None:
        self._console = console
        self._has_window = has_window

    def pause(self) -> None:
        """Stop the virtual CPU and virtual time."""
        self._console.pause()

    def resume(self) -> None:
        """Go on after ``pause``."""
        self._console.resume()

    def reset(self) -> None:
        """Press the reset button."""
        self._console.reset()

    def power_off(self) -> None:
        """Pull the plug."""
        self._console.power_off()

    def power_button(self) -> None:
        """Press the ACPI power button.

        Raises:
            ApiError: the guest does not listen to it.
        """
        self._demand_heard("power", heard=self._console.power_button())

    def sleep_button(self) -> None:
        """Press the ACPI sleep button.

        Raises:
            ApiError: the guest does not listen to it.
        """
        self._demand_heard("sleep", heard=self._console.sleep_button())

    def _demand_heard(self, button: str, *, heard: bool) -> None:
        if not heard:
            raise ApiError(
                ErrorCode.VBOX_E_PDM_ERROR,
                f"The guest of '{self._console.machine}' has not switched ACPI on and does not "
                f"notice the {button} button.",
                "console",
            )

    def insert_cad(self) -> None:
        """Type Ctrl+Alt+Del."""
        self._console.put_scancodes(CTRL_ALT_DEL)

    def put_scancodes(self, scancodes: list[int]) -> int:
        """Send bytes of scan code set 1; returns how many the keyboard has taken."""
        if any(not 0 <= code <= 0xFF for code in scancodes):
            raise _invalid("A scan code is a number from 0 to 255.")
        return self._console.type_scancodes(bytes(scancodes))

    def mount_medium(
        self, controller: str, port: int, device: int, path: str | None, force: bool = False
    ) -> None:
        """Put an image into a removable drive, or eject with ``path`` None."""
        self._console.mount_medium(controller, port, device, path, force=force)

    def apply_settings(self, settings: MachineSettings, force_unplug: bool = False) -> None:
        """Take over what of these settings may change while the machine runs."""
        self._console.apply_settings(settings, force_unplug=force_unplug)

    def screenshot(self, screen: int = 0) -> bytes:
        """Guest screen as a PNG file."""
        _check_screen(screen)
        return self._console.screenshot()

    def get_screen_resolution(self, screen: int = 0) -> ScreenInfo:
        """Resolution of the guest's screen."""
        _check_screen(screen)
        surface = self._console.display.open_surface()
        surface.update()
        depth = 0 if surface.mode.startswith("text") else _PICTURE_DEPTH
        return ScreenInfo(width=surface.width, height=surface.height, bits_per_pixel=depth)

    def screen_text(self) -> str:
        """Text of the guest's screen; empty in graphics modes."""
        return self._console.screen_text()

    def get_vrde_server_info(self) -> VrdeServerInfo:
        """What is known of the remote display server and its clients."""
        info = self._console.remote_display.info
        if info is None:
            return VrdeServerInfo()
        return VrdeServerInfo(
            active=bool(info.clients),
            port=info.port,
            address=info.address,
            number_of_clients=info.total_clients,
            begin_time=info.begin_time,
            end_time=info.end_time,
            bytes_sent=info.bytes_sent,
            bytes_received=info.bytes_received,
            user=info.user,
            clients=list(info.clients),
            encryption=info.encryption,
        )

    def list_usb_devices(self) -> list[HostUsbDevice]:
        """USB devices of the host that the guest has."""
        return self._console.host_usb.attached()

    def attach_usb_device(self, device: str) -> None:
        """Hand a USB device of the host to the guest."""
        self._console.host_usb.attach(device)

    def detach_usb_device(self, device: str) -> None:
        """Take a USB device of the host back from the guest."""
        self._console.host_usb.detach(device)

    def begin_save_state(self) -> None:
        """Begin to save the execution state, on a thread of its own: it may take long.

        Raises:
            ApiError: the machine neither runs nor is paused.
        """
        begin_save_state(self._console)

    def cancel_save_state(self) -> None:
        """Give up saving the execution state, if it is not complete yet."""
        self._console.cancel_save_state()

    def begin_snapshot(self, state_file: str, disks: list[SnapshotDisk]) -> None:
        """Capture the state, and have the disks write into new images from the same moment on."""
        console = self._console
        console.snapshots.begin_snapshot(console.vm, console.drives, state_file, disks)

    def begin_merge(self, path: str, forward: bool) -> None:
        """Begin to merge the image at ``path`` with the one above it."""
        self._console.snapshots.begin_merge(self._console.drives, path, forward=forward)

    def commit_merge(self) -> None:
        """Leave the image out that the merge has made superfluous."""
        self._console.snapshots.commit_merge()

    def abandon_merge(self) -> None:
        """Give up a merge."""
        self._console.snapshots.abandon_merge()

    def disk_work(self) -> DiskWork:
        """How far a snapshot or a merge is."""
        return self._console.snapshots.status

    def cancel_disk_work(self) -> None:
        """Have it end soon."""
        self._console.snapshots.cancel()

    def show_window(self) -> None:
        """Bring the window to the front.

        Raises:
            ApiError: there is none.
        """
        if not self._has_window:
            raise ApiError(
                ErrorCode.VBOX_E_NOT_SUPPORTED,
                f"The machine '{self._console.machine}' runs headless and has no window.",
                "console",
            )
        self._console.request_window()
