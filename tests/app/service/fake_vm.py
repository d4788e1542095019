"""A VM process without a VM: attaches, obeys the console, and fails when its machine says so.

The description of the machine tells what to do, one word a line:
``exit`` (fail before attaching), ``hang`` (never attach), ``refuse`` (attach, then report that the
VM cannot start), ``crash`` (die right after attaching), ``deaf`` (never answer a console call),
``restore`` (report that a saved state is being restored, and stay there), ``linger`` (stay a moment
between the end of the VM and letting go), ``stick`` (have a USB device of the host), ``keep`` (give
no drive up but by force).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.api import ApiError, ErrorCode, MachineState, connect
from app.api.hoststructs import HostUsbDevice
from app.api.structs import ScreenInfo, VrdeServerInfo
from app.api.vmsession import VmSession
from app.settings.model import MachineSettings


class FakeConsole:
    def __init__(self, orders: set[str]) -> None:
        self.orders = orders
        self.session: VmSession | None = None
        self.over = threading.Event()

    def _report(self, state: MachineState) -> None:
        if "deaf" in self.orders:
            time.sleep(3600)
        self.session.report_state(state)

    def pause(self) -> None:
        self._report(MachineState.PAUSED)

    def resume(self) -> None:
        self._report(MachineState.RUNNING)

    def reset(self) -> None:
        self.session.report_runtime_error("FakeReset", "It was reset.", fatal=False)

    def power_off(self) -> None:
        self._report(MachineState.POWERED_OFF)
        self.over.set()

    def power_button(self) -> None:
        raise ApiError(ErrorCode.VBOX_E_PDM_ERROR, "The guest does not listen.", "console")

    def list_usb_devices(self) -> list[HostUsbDevice]:
        stick = HostUsbDevice(
            id="5d0f7f0c-9c6e-5b43-8d0c-0d6a1f2b3c4d", vendor_id=0x0951, product_id=0x1666,
            revision=0x0110, port=2, usb_version=2, speed="High", manufacturer="Kingston",
            address="/dev/bus/usb/001/004",
        )  # fmt: skip
        return [stick] if "stick" in self.orders else []

    def attach_usb_device(self, device: str) -> None:
        raise ApiError(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, f"No USB device {device}.", "console")

    detach_usb_device = attach_usb_device

    def insert_cad(self) -> None:
        raise ValueError("a mistake in the console")

    def put_scancodes(self, scancodes: list[int]) -> int:
        return len(scancodes)

    def mount_medium(
        self, controller: str, port: int, device: int, path: str | None, force: bool = False
    ) -> None:
        if path is None and not force:
            raise ApiError(ErrorCode.VBOX_E_INVALID_VM_STATE, "The drive is locked.", "console")

    def screenshot(self, screen: int = 0) -> bytes:
        return b"\x89PNG" + bytes(2 << 20)

    def apply_settings(self, settings: MachineSettings, force_unplug: bool) -> None:
        if any(port.path == "/refused" for port in settings.hardware.serial_ports):
            raise ApiError(ErrorCode.VBOX_E_VM_ERROR, "The pipe is refused.", "console")
        virtio = settings.hardware.controller("VirtIO")
        empty = virtio is not None and not virtio.attachments
        if "keep" in self.orders and empty and not force_unplug:
            raise ApiError(ErrorCode.VBOX_E_INVALID_VM_STATE, "The guest keeps it.", "console")

    def get_screen_resolution(self, screen: int = 0) -> ScreenInfo:
        return ScreenInfo(width=720, height=400, bits_per_pixel=0)

    def get_vrde_server_info(self) -> VrdeServerInfo:
        return VrdeServerInfo()

    def screen_text(self) -> str:
        return "Hello\n\nfrom the fake VM"

    def show_window(self) -> None:
        return None


class FakeDebugger:
    """Has two registers and one item."""

    def __init__(self) -> None:
        self.registers = {"rip": "0x000000000000fff0", "gdtr_base": "0x0000000000000000"}

    def get_registers(self, cpu: int = 0) -> dict[str, str]:
        return self.registers

    def get_register(self, name: str, cpu: int = 0) -> str:
        if name not in self.registers:
            raise ApiError(ErrorCode.VBOX_E_VM_ERROR, f"There is no register '{name}'.", "DBGF")
        return self.registers[name]

    def set_registers(self, values: dict[str, str], cpu: int = 0) -> None:
        self.registers.update(values)

    def info(self, name: str, args: str = "") -> str:
        return f"{name}({args})"

    def inject_nmi(self) -> None:
        return None

    def get_stats(self, pattern: str = "") -> str:
        return f'<Statistics><Counter c="7" unit="times" name="{pattern}"/></Statistics>'

    def reset_stats(self, pattern: str = "") -> None:
        return None

    def dump_guest_core(self, filename: str, compression: str = "") -> None:
        Path(filename).write_bytes(b"ELF")

    def detect_os(self) -> str:
        return "Linux"

    def get_os_version(self) -> str:
        return "6.1.0"

    def get_log_settings(self) -> dict[str, str]:
        return {"groups": self.registers.get("groups", "all"), "flags": "on", "destinations": "x"}

    def modify_log_groups(self, settings: str) -> None:
        self.registers["groups"] = settings


def main() -> int:
    machine_id = sys.argv[sys.argv.index("--startvm") + 1]
    with connect(client_name="fake VM looks") as client:
        orders = set(client.machine(machine_id).get_settings().description.split())
    if "exit" in orders:
        print("No firmware was found in /nowhere.", file=sys.stderr)
        return 3
    if "hang" in orders:
        time.sleep(3600)
    console = FakeConsole(orders)
    session = VmSession.attach(machine_id, console, FakeDebugger())
    console.session = session
    print("display:", os.environ.get("DISPLAY"), "qt:", os.environ.get("QT_SCALE_FACTOR"))
    print("preload:", os.environ.get("EVIL"), flush=True)
    if "crash" in orders:
        os.kill(os.getpid(), 9)
    if "restore" in orders:
        session.report_state(MachineState.RESTORING)
        console.over.wait()
    if "refuse" in orders:
        session.report_state(MachineState.POWERED_OFF, "The disk image is damaged.")
        session.detach()
        return 1
    session.report_state(MachineState.RUNNING)
    console.over.wait()
    if "linger" in orders:
        time.sleep(0.5)
    session.detach()
    return 0


if __name__ == "__main__":
    sys.exit(main())
