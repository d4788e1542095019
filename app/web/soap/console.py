"""``IConsole``, ``IKeyboard`` and ``IDisplay``: a machine that runs."""

from __future__ import annotations

import base64
import enum
from typing import Any, NamedTuple

from app.api.basics import MachineState
from app.api.errors import ApiError, ErrorCode
from app.web.soap.context import Context
from app.web.soap.managed import Int, Managed, UnsignedInt, operation
from app.web.soap.progress import Progress


class BitmapFormat(enum.StrEnum):
    """Formats of pictures; VirtualBox has more."""

    PNG = "PNG"


class GuestMonitorStatus(enum.StrEnum):
    """Whether the guest uses a screen."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class ScreenResolution(NamedTuple):
    """What ``getScreenResolution`` tells."""

    width: UnsignedInt
    height: UnsignedInt
    bits_per_pixel: UnsignedInt
    x_origin: Int
    y_origin: Int
    guest_monitor_status: GuestMonitorStatus


class _OfMachine(Managed, interface=""):
    """Belongs to a machine.

    Args:
        context: Session.
        machine_id: UUID.
    """

    def __init__(self, context: Context, machine_id: str) -> None:
        super().__init__(context)
        self._machine_id = machine_id

    def key(self) -> object:
        """One of each kind belongs to a machine."""
        return self._machine_id

    async def _call(self, method: str, **params: object) -> Any:
        return await self.context.call(f"console.{method}", id=self._machine_id, **params)


class Keyboard(_OfMachine, interface="IKeyboard"):
    """The machine's keyboard."""

    @operation("putScancode")
    async def put_scancode(self, scancode: Int) -> None:
        """Send a byte of scan code set 1."""
        await self._call("put_scancodes", scancodes=[scancode])

    @operation("putScancodes")
    async def put_scancodes(self, scancodes: list[Int]) -> UnsignedInt:
        """Send bytes of scan code set 1; tells how many the keyboard took."""
        return int(await self._call("put_scancodes", scancodes=scancodes))

    @operation("putCAD")
    async def put_cad(self) -> None:
        """Type Ctrl+Alt+Del."""
        await self._call("insert_cad")


class Display(_OfMachine, interface="IDisplay"):
    """The machine's screen."""

    @operation("getScreenResolution")
    async def get_screen_resolution(self, screen_id: UnsignedInt) -> ScreenResolution:
        """Size of a screen."""
        info = await self._call("get_screen_resolution", screen=screen_id)
        status = GuestMonitorStatus.ENABLED if info.enabled else GuestMonitorStatus.DISABLED
        return ScreenResolution(
            info.width, info.height, info.bits_per_pixel, info.x_origin, info.y_origin, status
        )

    @operation("takeScreenShotToArray")
    async def take_screen_shot_to_array(
        self,
        screen_id: UnsignedInt,
        width: UnsignedInt,
        height: UnsignedInt,
        bitmap_format: BitmapFormat,
    ) -> str:
        """The screen in Base64, at its own size only."""
        del bitmap_format  # there is one
        info = await self._call("get_screen_resolution", screen=screen_id)
        if (width, height) != (info.width, info.height):
            raise ApiError(
                ErrorCode.VBOX_E_NOT_SUPPORTED,
                f"Pictures are not scaled: the screen has {info.width} by {info.height} pixels,"
                f" and {width} by {height} are asked for.",
                "display",
            )
        return base64.b64encode(await self._call("screenshot", screen=screen_id)).decode()


class Console(_OfMachine, interface="IConsole"):
    """A machine that runs, as a session that has locked it sees it."""

    @operation("getState")
    async def state(self) -> MachineState:
        """State of the machine."""
        machine = await self.context.call("virtualbox.find_machine", name_or_id=self._machine_id)
        state: MachineState = machine.state
        return state

    @operation("getKeyboard")
    async def keyboard(self) -> Keyboard:
        """Its keyboard."""
        return Keyboard(self.context, self._machine_id)

    @operation("getDisplay")
    async def display(self) -> Display:
        """Its screen."""
        return Display(self.context, self._machine_id)

    @operation("powerDown")
    async def power_down(self) -> Progress:
        """Pull the plug."""
        running = await self.context.begin("console.power_off", id=self._machine_id)
        return Progress(self.context, running, "Powering off")

    @operation("reset")
    async def reset(self) -> None:
        """Press the reset button."""
        await self._call("reset")

    @operation("pause")
    async def pause(self) -> None:
        """Stop the virtual CPU and virtual time."""
        await self._call("pause")

    @operation("resume")
    async def resume(self) -> None:
        """Go on after ``pause``."""
        await self._call("resume")

    @operation("powerButton")
    async def power_button(self) -> None:
        """Press the ACPI power button."""
        await self._call("power_button")

    @operation("sleepButton")
    async def sleep_button(self) -> None:
        """Press the ACPI sleep button."""
        await self._call("sleep_button")
