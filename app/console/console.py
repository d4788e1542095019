"""The console of a VM: everything that a VM process does apart from showing it.

Threading: :meth:`Console.start` and the commands block until done and are called on worker threads
(never on a UI thread). Input and what is only read may be used from any thread. Listeners are
called on the emulation thread or on a thread of the console and must return at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.api.vmsession import VmSession
from app.console import events
from app.console.audio import change_audio
from app.console.balloon import balloon_change
from app.console.board import board_tree
from app.console.configuration import plan_machine
from app.console.disks import open_drive
from app.console.errors import api_error, invalid_state
from app.console.hostusb import HostUsbDevices
from app.console.hotplug import change_drives
from app.console.input import ConsoleInput
from app.console.media import Drives, DriveSlot, exchange
from app.console.networks import change_adapters
from app.console.recording import ScreenRecording
from app.console.releaselog import SCREENSHOT_NAME, ReleaseLog
from app.console.remotedisplay import RemoteDisplay
from app.console.reports import ReportThread
from app.console.saving import restore, save
from app.console.serialports import change_serial_ports
from app.console.shortages import tell_shortages
from app.console.snapshots import SnapshotWork
from engine import vmevents
from engine.screenshot import png_bytes, write_png
from engine.vm import VM
from engine.vmevents import VmState

if TYPE_CHECKING:
    from app.api import interfaces
    from app.api.structs import VmStartInfo
    from app.settings.model import MachineSettings
    from engine.pdm.display import DisplayAdapter

_logger = logging.getLogger(__name__)

Servants = tuple["interfaces.Console", "interfaces.Debugger"]


class Console(ConsoleInput):
    """The VM of one machine in this process; made by :func:`app.console.process.open_console`.

    Args:
        machine: UUID or name of the machine.
        servants: makes what answers the calls of other clients.
        client_name: shown as the holder of the machine.

    Attributes:
        machine: as given until the service has told the machine's name.
        drives: its drives; empty before the start.
        recording: films its screen.
        remote_display: serves its screen to clients on the network.
        snapshots: what is being done to its disks.
        settings: settings of the machine as they were at the start.
        start_info: what the service told: name, folders, properties.
    """

    settings: MachineSettings
    start_info: VmStartInfo

    def __init__(
        self,
        machine: str,
        *,
        servants: Callable[[Console], Servants],
        client_name: str = "GUI/Qt",
    ) -> None:
        self.machine = machine
        self._make_servants = servants
        self.drives = Drives(())
        self._client_name = client_name
        self._listeners: list[events.Listener] = []
        self._state = MachineState.STARTING
        self._session: VmSession | None = None
        self._log: ReleaseLog | None = None
        # The VM suspends itself for several reasons; only a pause is told as one at once.
        self._suspend_is_pause = False
        self._state_when_off = MachineState.POWERED_OFF
        self._cancel_save = threading.Event()
        self._commands = threading.Lock()
        self._ended = threading.Event()
        self._reports = ReportThread()
        self.recording = ScreenRecording(self)
        self.remote_display = RemoteDisplay(self)
        self.snapshots = SnapshotWork()
        self.host_usb = HostUsbDevices(self)

    # ------------------------------------------------------------------ what is read

    @property
    def state(self) -> MachineState:
        """State of the machine."""
        return self._state

    @property
    def display(self) -> DisplayAdapter:
        """The graphics adapter.

        Raises:
            ApiError: the VM does not run, or has none.
        """
        display = self._running().display
        if display is None:
            raise invalid_state(f"The machine '{self.machine}' has no graphics adapter.")
        return display

    @property
    def execution_engine(self) -> tuple[str, str]:
        """Name of what executes the guest, and why it does."""
        vm = self._running()
        return vm.engine.name, " ".join(filter(None, (vm.engine_reason, vm.shortage)))

    @property
    def paravirt_provider(self) -> str:
        """The paravirtualization interface that the guest has."""
        return self._running().paravirt_provider.value

    @property
    def vm(self) -> VM:
        """The engine's machine.

        Raises:
            ApiError: the VM has not started.
        """
        return self._running()

    @property
    def log(self) -> ReleaseLog:
        """The release log.

        Raises:
            ApiError: the VM has not started.
        """
        if self._log is None:
            raise invalid_state(f"The machine '{self.machine}' has not started yet.")
        return self._log

    @property
    def session(self) -> VmSession:
        """The connection to the service.

        Raises:
            ApiError: the machine is not attached.
        """
        if self._session is None:
            raise invalid_state("The machine is not attached to the Vitrine service.")
        return self._session

    def add_listener(self, listener: events.Listener) -> None:
        """Have ``listener`` told every event; before :meth:`start`."""
        self._listeners.append(listener)

    # ------------------------------------------------------------------ life

    def start(self, *, paused: bool = False) -> None:
        """Take the machine's lock, build the VM and switch it on.

        Args:
            paused: stop before the first instruction.

        Raises:
            ApiError: why the machine cannot start. Everything is undone, the service knows, and
                the console has ended.
        """
        try:
            self._session = VmSession.attach(
                self.machine, *self._make_servants(self), client_name=self._client_name
            )
        except ApiError:
            self._end()
            raise
        self._reports.start()
        self.start_info = self._session.start_info
        self.machine = self.start_info.name
        try:
            with self._commands:
                self._build()
                self._suspend_is_pause = paused
                if self.start_info.state_file:
                    self._set_state(MachineState.RESTORING)
                    restore(
                        self._running(), self.start_info, self.session, self.tell, paused=paused
                    )
                else:
                    self._running().power_on(paused=paused)
        except Exception as error:
            failure = api_error(error)
            if failure.code is ErrorCode.E_UNEXPECTED:
                _logger.exception("Console: a mistake of the program")
            self._abandon(failure)
            raise failure from error
        self.recording.start_with_machine()
        self.remote_display.start_with_machine()
        self.host_usb.start_with_machine()

    def _build(self) -> None:
        info = self.start_info
        self.settings = self.session.client.machine(info.id).get_settings()
        self._log = ReleaseLog(Path(info.log_folder), info.properties.log_history_count)
        self._log.attach()
        self._log.line(f"Console: Machine state changed to '{self._state}'")
        self._log.line(f"Guest OS type: '{self.settings.os_type_id}'")
        plan = plan_machine(self.settings, Path(info.machine_folder))
        self._log.lines(f"Console: {sentence}" for sentence in plan.omissions)
        self.drives = Drives(drive.slot for drive in plan.drives)
        for drive in plan.drives:
            if drive.image is not None:
                medium = open_drive(drive, starts_anew=not info.state_file)
                self.drives.replace(drive.slot, medium)
                self._log.line(f"Console: {drive.slot.label}: '{drive.image}'")
        tree = board_tree(self.settings, info, plan)
        self._log.section("CFGM dump", tree.dump())
        self._vm = VM(tree, attachments=self.drives.attachments(), listener=self._on_vm_event)
        tell_shortages(self._vm, self.settings.hardware, self._report_shortage)

    def _report_shortage(self, error_id: str, message: str) -> None:
        session = self.session
        self._reports.post(lambda: session.report_runtime_error(error_id, message, fatal=False))

    def _abandon(self, error: ApiError) -> None:
        """Undo a start that failed."""
        if self._log is not None:
            self._log.line(f"Console: Failed to start the machine: {error.message}")
        if self._state is MachineState.RESTORING:
            self._state_when_off = MachineState.ABORTED_SAVED  # the file is still there
        # Told before the VM is switched off, whose end would be told without the reason.
        self._set_state(self._state_when_off, error.message)
        vm, self._vm = self._vm, None
        if vm is not None and vm.state is not VmState.POWERED_OFF:
            try:
                vm.power_off()
            except Exception:
                # The first failure is the one to tell; this one is for the log.
                _logger.exception("Console: the VM that failed to start could not be taken down")
        self._reports.post(self._close)
        self._ended.wait()

    # ------------------------------------------------------------------ commands

    def pause(self) -> None:
        """Stop the virtual CPU and virtual time.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it does not run.
        """

        def hold(vm: VM) -> None:
            self._suspend_is_pause = True
            vm.pause()

        self._command("pause", hold, MachineState.RUNNING)

    def resume(self) -> None:
        """Go on after a pause; what the host refused before is tried again.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it is not paused.
        """
        self._command("resume", lambda vm: vm.resume(), MachineState.PAUSED)

    def reset(self) -> None:
        """Press the reset button.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it neither runs nor is paused.
        """
        self._command("reset", lambda vm: vm.reset(), MachineState.RUNNING, MachineState.PAUSED)

    def power_button(self) -> bool:
        """Press the ACPI power button.

        Returns:
            Whether the guest listens to it (it has switched ACPI on).

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it does not run.
        """
        return self._press("power", lambda vm: vm.press_power_button())

    def sleep_button(self) -> bool:
        """Press the ACPI sleep button; otherwise as :meth:`power_button`."""
        return self._press("sleep", lambda vm: vm.press_sleep_button())

    def _press(self, button: str, press: Callable[[VM], bool]) -> bool:
        heard = False

        def command(vm: VM) -> None:
            nonlocal heard
            heard = press(vm)

        self._command(f"press the {button} button of", command, MachineState.RUNNING)
        return heard

    def power_off(self) -> None:
        """Pull the plug. The console ends soon after that; see :meth:`wait_for_end`.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it is off or about to be.
        """
        online = (MachineState.RUNNING, MachineState.PAUSED, MachineState.STUCK)
        self._command("power off", self._pull_plug, *online)

    def _pull_plug(self, vm: VM) -> None:
        self._set_state(MachineState.STOPPING)
        vm.power_off()

    def save_state(self, begun: threading.Event | None = None) -> None:
        """Write the execution state to a file and switch the machine off; it can go on from there.

        Blocks until the file is on the disk and the service knows of it.

        Args:
            begun: set as soon as the state is ``Saving``.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it neither runs nor is paused;
                ``VBOX_E_FILE_ERROR`` and others: the file could not be written, ``E_ABORT``: it
                was cancelled; the machine goes on as before.
        """
        with self._commands:
            before = self._state
            if before not in (MachineState.RUNNING, MachineState.PAUSED):
                raise invalid_state(
                    f"Could not save the state of the machine '{self.machine}': its state is "
                    f"{before}."
                )
            vm = self._running()
            self._cancel_save.clear()
            self._set_state(MachineState.SAVING)
            if begun is not None:
                self._reports.post(begun.set)  # when the service knows of the state
            try:
                if before is MachineState.RUNNING:
                    vm.pause()
                save(vm, self.start_info, self.session, self._cancel_save, self.tell)
            except Exception as error:
                failure = api_error(error)
                self._go_on(vm, before, failure)
                raise failure from error
            self._state_when_off = MachineState.SAVED
            vm.power_off()

    def cancel_save_state(self) -> None:
        """Give up saving, if the file is not complete yet; the machine goes on."""
        self._cancel_save.set()

    def _go_on(self, vm: VM, before: MachineState, failure: ApiError) -> None:
        """Saving has failed: be as before."""
        if self._log is not None:
            self._log.line(f"Console: The state was not saved: {failure.message}")
        session = self.session
        self._reports.post(lambda: session.report_state(before, failure.message))
        if before is MachineState.RUNNING:
            vm.resume()
        else:
            self._set_state(before)

    def wait_for_end(self, timeout: float | None = None) -> bool:
        """Wait (seconds) until everything is closed and the service knows; tell whether it is."""
        return self._ended.wait(timeout)

    def _command(self, what: str, action: Callable[[VM], None], *states: MachineState) -> None:
        with self._commands:
            if self._state not in states:
                raise invalid_state(
                    f"Could not {what} the machine '{self.machine}': its state is {self._state}."
                )
            try:
                action(self._running())
            except Exception as error:
                raise api_error(error) from error

    def mount_medium(
        self, controller: str, port: int, device: int, path: str | None, *, force: bool
    ) -> None:
        """Change the medium of a removable drive; ``path`` None leaves it empty.

        Raises:
            ApiError: there is no such drive, its medium cannot be changed, the image cannot be
                used, or (``VBOX_E_OBJECT_IN_USE``, unless ``force``) the guest has locked the
                drive.
        """
        slot = self.drives.find(controller, port, device)
        if not slot.is_removable:
            raise ApiError(
                ErrorCode.VBOX_E_NOT_SUPPORTED,
                f"{slot.label} is a hard disk, whose image cannot change while the machine runs.",
                "console",
            )
        with self._commands:
            vm = self._running()
            if not exchange(vm, self.drives, slot, path, force=force):
                return
        _logger.info("Console: %s: %s", slot.label, path or "empty")
        self.tell(events.MediumChanged(controller, port, device))

    def change_medium(self, slot: DriveSlot, path: Path | None, *, force: bool) -> None:
        """Change the medium of a removable drive in the settings and in the running VM.

        The service writes the settings and calls :meth:`mount_medium`.

        Raises:
            ApiError: as :meth:`mount_medium`, or the settings could not be written.
        """
        machine = self.session.client.machine(self.start_info.id)
        image = None if path is None else str(path)
        machine.mount_medium(slot.controller, slot.port, slot.device, image, force)

    def apply_settings(self, settings: MachineSettings, *, force_unplug: bool = False) -> None:
        """Take over what of these settings may change while the machine runs.

        Raises:
            ApiError: the host side of a port or the image of a drive that is plugged in cannot be
                opened, the guest keeps a drive, or there is no memory balloon; nothing has changed.
        """
        with self._commands:
            vm = self._running()
            before, after = self.settings.hardware, settings.hardware
            folder = Path(self.start_info.machine_folder)
            plugged: list[DriveSlot] = []
            try:
                resize_balloon = balloon_change(vm, self.settings, settings)
                plugged = change_drives(
                    vm, self.drives, self.settings, settings, folder, force=force_unplug
                )
                change_serial_ports(vm, before.serial_ports, after.serial_ports)
                change_adapters(vm, before.network_adapters, after.network_adapters)
                change_audio(vm, after.audio)
                self.remote_display.apply(before.remote_display, after.remote_display)
                self.recording.apply(self.settings.recording, settings.recording)
                if after.cpu.execution_cap != before.cpu.execution_cap:
                    vm.set_execution_cap(after.cpu.execution_cap)
                resize_balloon()
            except Exception as error:
                if plugged:
                    change_drives(vm, self.drives, settings, self.settings, folder, force=True)
                raise api_error(error) from error
            self.settings = settings
        for slot in plugged:
            self.tell(events.MediumChanged(*slot.place))

    def store_extra_data(self, key: str, value: str) -> None:
        """Write an entry of the machine's extra data; an empty value removes it.

        Raises:
            ApiError: the settings could not be written.
        """
        self.session.client.machine(self.start_info.id).set_extra_data(key, value)

    def screenshot(self) -> bytes:
        """Return the guest's screen as a PNG file."""
        surface = self.display.open_surface()
        surface.update()
        return png_bytes(surface.pixels)

    def screen_text(self) -> str:
        """Return the guest's screen in text mode, a line per row; empty in graphics modes."""
        return self.display.screen_text() or ""

    def request_window(self) -> None:
        """Ask the window to come to the front."""
        self.tell(events.ShowWindowRequested())

    # ------------------------------------------------------------------ events of the VM (EMT)

    def _on_vm_event(self, event: vmevents.Event) -> None:
        if isinstance(event, vmevents.StateChanged):
            self._on_vm_state(event.state)
        elif isinstance(event, vmevents.RuntimeErrorRaised):
            self._on_runtime_error(event)
        elif isinstance(event, vmevents.PoweredOffByGuest):
            self._set_state(MachineState.STOPPING)
            self._reports.post(self._switch_off_for_guest)
        elif isinstance(event, vmevents.MediumEjected):
            self._on_medium_ejected(event)
        elif isinstance(event, vmevents.PointingChanged):
            self.tell(events.PointingChanged(event.absolute))

    def _on_vm_state(self, state: VmState) -> None:
        if state is VmState.RUNNING:
            self._set_state(MachineState.RUNNING)
        elif state is VmState.SUSPENDED and self._suspend_is_pause:
            self._suspend_is_pause = False
            self._set_state(MachineState.PAUSED)
        elif state is VmState.GURU_MEDITATION:
            self._set_state(MachineState.STUCK)
        elif state is VmState.POWERED_OFF:
            self._reports.post(self._finish)

    def _on_runtime_error(self, event: vmevents.RuntimeErrorRaised) -> None:
        if event.fatal:
            _logger.error("Console: Guru Meditation: %s", event.message)
            self._reports.post(self._save_screen)
        else:
            self._set_state(MachineState.PAUSED)
        session = self.session
        self._reports.post(
            lambda: session.report_runtime_error(event.error_id, event.message, fatal=event.fatal)
        )
        self.tell(events.RuntimeErrorRaised(event.error_id, event.message, event.fatal))

    def _on_medium_ejected(self, event: vmevents.MediumEjected) -> None:
        slot = self.drives.at_connector(event.device, event.lun)
        medium = self.drives.medium(slot) if slot is not None else None
        if slot is None or medium is None:
            return

        def take_out() -> None:
            # Somebody may have put another disc in meanwhile.
            if self.drives.medium(slot) is not medium:
                return
            _logger.info("Console: %s: the guest has ejected '%s'", slot.label, medium.path)
            if self._ejects_temporarily(slot):
                self.mount_medium(*slot.place, None, force=True)
            else:
                self.change_medium(slot, None, force=True)

        self._reports.post(take_out)

    def _ejects_temporarily(self, slot: DriveSlot) -> bool:
        controller = self.settings.hardware.controller(slot.controller)
        drive = controller.attachment(slot.port, slot.device) if controller else None
        return drive is not None and drive.temp_eject

    # ------------------------------------------------------------------ reports and the end

    def _set_state(self, state: MachineState, error: str | None = None) -> None:
        if state is self._state:
            return
        self._state = state
        if self._log is not None:
            self._log.line(f"Console: Machine state changed to '{state}'")
        if self._session is not None:
            session = self._session
            self._reports.post(lambda: session.report_state(state, error))
        self.tell(events.StateChanged(state))

    def tell(self, event: events.ConsoleEvent) -> None:
        """Tell every listener. On the emulation thread or a thread of the console."""
        for listener in self._listeners:
            listener(event)

    def _save_screen(self) -> None:
        surface = self.display.open_surface()
        surface.update()
        write_png(str(Path(self.start_info.log_folder) / SCREENSHOT_NAME), surface.pixels)

    def _switch_off_for_guest(self) -> None:
        with self._commands:
            self._running().power_off()

    def _finish(self) -> None:
        """The VM is off: write the statistics, then close everything."""
        vm = self._vm
        if vm is not None and self._log is not None:
            rows = (f"{path:<50} {v:>16} {unit}" for path, (v, unit) in vm.statistics().items())
            self._log.section("Statistics", "\n".join(rows))
        self._set_state(self._state_when_off)
        self._reports.post(self._close)

    def _close(self) -> None:
        try:
            self.host_usb.stop()
            self.remote_display.stop()
            self.recording.stop()
            self.snapshots.end()
            self.drives.close()
        finally:
            if self._session is not None:
                self._session.detach()
            self._end()

    def _end(self) -> None:
        if self._log is not None:
            self._log.close()
        self._reports.end()
        self._ended.set()
        self.tell(events.Ended())
