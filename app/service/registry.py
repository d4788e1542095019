"""The registry: which machines there are, and the properties of the installation.

Both live in ``VirtualBox.xml`` of the configuration directory, which is read once and written at
each change. ``Registry.lock`` guards it and the map of machines; it is taken before the lock of a
machine, never after.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.api.copying import CleanupMode
from app.api.errors import ApiError, ErrorCode
from app.api.events import (
    ExtraDataChanged,
    MachineDataChanged,
    MachineRegistered,
    SystemPropertiesChanged,
)
from app.api.structs import SessionState, SystemProperties
from app.service.errors import from_settings_error
from app.service.files import delete_files, own_files
from app.service.index import MachineIndex, normal_id
from app.service.installation import InstallationStore
from app.service.machine import Machine, resting_info
from app.service.media import require_absolute
from app.service.relocation import (
    Relocations,
    finish_relocation,
    tell_others,
    with_moved_media,
)
from app.service.summaries import SummaryCache
from app.settings.defaults import default_settings
from app.settings.errors import SettingsError
from app.settings.files import signature
from app.settings.installation import (
    BIOS_FILE,
    VGA_BIOS_FILE,
    ExtraDataSetting,
    GlobalSettings,
    MachineEntry,
)
from app.settings.machine_file import MachineFile
from app.settings.model import MachineSettings
from app.settings.oldmedia import registries_for, with_old_media
from app.settings.paths import GLOBAL_FILE, check_machine_name, machine_path

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.service.hub import EventHub
    from app.service.watching import Watched
    from app.settings.files import Signature

_logger = logging.getLogger(__name__)

_STORED_PROPERTIES = (
    set(SystemProperties.__struct_fields__) & set(GlobalSettings.__struct_fields__)
) - {"default_machine_folder"}
"""Properties that the settings hold under the same name."""


class Registry:
    """Machines and properties.

    Attributes:
        home: Configuration directory.
        settings_path: The global settings file.
        lock: See the module's description.
        relocations: Machines that are getting another place.
    """

    def __init__(self, home: Path, hub: EventHub) -> None:
        self.home = home
        self.settings_path = home / GLOBAL_FILE
        self.lock = threading.RLock()
        self._hub = hub
        self._index = MachineIndex()
        self._cache = SummaryCache(home)
        self._store = InstallationStore(self.settings_path)
        self.relocations = Relocations(home)

    def open(self) -> None:
        """Read the global settings and the settings of all machines.

        Raises:
            ApiError: The global settings cannot be read; nothing was written.
        """
        self._store.open()
        self._cache.load()
        moved = self._finish_relocations()
        for entry in self._store.settings.machines:
            self._index.add(self._machine_of(entry))
        for machine_id, old in moved.items():
            machine = self._index.get(machine_id)
            if machine is not None:
                tell_others(self, machine, old)
            with suppress(OSError):  # It is finished once more, which changes nothing.
                self.relocations.remove(machine_id)
        self._save_summaries()
        _logger.info("%d machines are registered", len(self._index))

    def _finish_relocations(self) -> dict[str, Path]:
        """End what a killed service left undone; returns the folders where machines were."""
        paths = {normal_id(each.uuid): each.path for each in self._store.settings.machines}
        moved = {}
        for machine_id in self.relocations.machines():
            begun = self.relocations.read(machine_id)
            old_folder = Path(begun.source).parent if begun is not None else self.home
            try:
                if begun is None or machine_id not in paths:
                    self.relocations.remove(machine_id)
                    continue
                found = finish_relocation(begun, Path(paths[machine_id]))
                self._place(machine_id, found, old_folder)
            except (ApiError, OSError) as error:
                # The next service tries again; this one has other machines to look after.
                _logger.error("The move of the machine %s is not finished: %s", machine_id, error)
            else:
                moved[machine_id] = old_folder
        return moved

    def close(self) -> None:
        """Keep for the next service what it may need."""
        self._save_summaries()

    def _machine_of(self, entry: MachineEntry) -> Machine:
        """The machine of an entry; its file is not read when a summary of it is known."""
        machine = Machine(normal_id(entry.uuid), Path(entry.path), self._hub, self._index)
        found = signature(entry.path)
        known = self._cache.find(entry.path, found)
        if known is not None and found is not None and known.id == machine.id:
            machine.restore(known, found)
        else:
            machine.load()
        return machine

    def _save_summaries(self) -> None:
        summaries = (machine.summary for machine in self.machines())
        self._cache.save(summary for summary in summaries if summary is not None)

    # -- finding -------------------------------------------------------------------------------

    def machines(self) -> list[Machine]:
        """All machines in the order of registration."""
        return self._index.all()

    def get(self, machine_id: str) -> Machine | None:
        """Machine with this UUID, or None."""
        return self._index.get(machine_id)

    def find(self, name_or_id: str) -> Machine:
        """Machine with this UUID, name or settings file.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        machine = self.get(name_or_id) or self._index.named(name_or_id)
        if machine is None and os.path.isabs(name_or_id):
            machine = self._index.at(name_or_id)
        if machine is None:
            raise _not_found(name_or_id)
        return machine

    # -- adding and removing -------------------------------------------------------------------

    def compose_filename(self, name: str, base_folder: str | None, group: str = "/") -> Path:
        """Settings file of a new machine; see ``virtualbox.compose_machine_filename``."""
        if base_folder:
            require_absolute(base_folder, "virtualbox")
        try:
            return Path(machine_path(name, base_folder or self._store.machine_folder, group))
        except SettingsError as error:
            raise from_settings_error(error, "virtualbox") from error

    def create(
        self,
        name: str,
        os_type_id: str,
        base_folder: str | None,
        settings: MachineSettings | None,
        *,
        register: bool = True,
    ) -> MachineInfo:
        """Create a machine; see ``virtualbox.create_machine``."""
        if settings is None:
            settings = default_settings(name, os_type_id)
        group = settings.groups[0] if settings.groups else "/"
        path = self.compose_filename(name, base_folder, group)
        settings = msgspec.structs.replace(
            settings,
            name=name,
            os_type_id=os_type_id,
            uuid=normal_id(settings.uuid) if settings.uuid else str(uuid.uuid4()),
        )
        return self.add_new(path, settings, register=register)

    def add_new(self, path: Path, settings: MachineSettings, *, register: bool) -> MachineInfo:
        """Write the settings file of a new machine and, if wanted, register it.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE`` (name or UUID is taken), ``VBOX_E_FILE_ERROR``; no
                file was left.
        """
        with self.lock:
            if register:
                self.require_free(settings.uuid, settings.name)
            try:
                file = MachineFile.create(str(path), settings)
            except SettingsError as error:
                raise from_settings_error(error, "virtualbox") from error
            if not register:
                return resting_info(path, file.settings)
            try:
                return self._add(file).info
            except ApiError:
                path.unlink(missing_ok=True)
                raise

    def register(self, path: Path) -> Machine:
        """Register an existing settings file; see ``virtualbox.open_machine``."""
        try:
            file = MachineFile.load(str(path))
        except SettingsError as error:
            raise from_settings_error(error, "virtualbox") from error
        with self.lock:
            self.require_free(normal_id(file.settings.uuid), file.settings.name)
            _take_old_media(file)
            return self._add(file)

    def unregister(
        self,
        machine: Machine,
        *,
        delete: bool,
        cleanup: CleanupMode = CleanupMode.UNREGISTER_ONLY,
    ) -> list[str]:
        """Forget a machine; see ``virtualbox.unregister_machine``."""
        # A VM process that is just leaving is waited for, which nobody else should notice.
        machine.require_unlocked("cannot be unregistered while it is locked")
        with self.lock, machine.lock:
            machine.require_unlocked("cannot be unregistered while it is locked")
            doomed = self.files_of(machine, cleanup) if delete else []
            entries = [e for e in self._store.settings.machines if normal_id(e.uuid) != machine.id]
            self._save(msgspec.structs.replace(self._store.settings, machines=entries))
            self._forget(machine)
        # Large images take their time, and nobody needs to wait for that.
        return [str(path) for path in delete_files(doomed)]

    def files_of(
        self, machine: Machine, cleanup: CleanupMode = CleanupMode.UNREGISTER_ONLY
    ) -> list[Path]:
        """What deleting the machine's files deletes; see :func:`app.service.files.own_files`."""
        others = [other for other in self.machines() if other is not machine]
        return own_files(machine, others, cleanup)

    def renamed(self, machine: Machine, path: Path, old_folder: Path) -> None:
        """The settings file of ``machine`` is at ``path`` now. Needs both locks.

        Args:
            machine: The machine.
            path: Its settings file.
            old_folder: The folder where it was; media of the installation in it moved too.

        Raises:
            ApiError: The global settings cannot be written.
        """
        self._place(machine.id, path, old_folder)

    def _place(self, machine_id: str, path: Path, old_folder: Path) -> None:
        settings = self._store.settings
        entries = [
            MachineEntry(uuid=e.uuid, path=str(path)) if normal_id(e.uuid) == machine_id else e
            for e in settings.machines
        ]
        media = settings.media
        if path.parent != old_folder:
            media = with_moved_media(media, self.home, old_folder, path.parent)
        self._save(msgspec.structs.replace(settings, machines=entries, media=media))

    def require_name_free(self, name: str, machine: Machine) -> None:
        """Check that ``machine`` may be called ``name``.

        Raises:
            ApiError: ``E_INVALIDARG`` (no name), ``VBOX_E_OBJECT_IN_USE`` (another has it).
        """
        try:
            check_machine_name(name)
        except SettingsError as error:
            raise from_settings_error(error, "machine") from error
        other = self._index.named(name)
        if other is not None and other is not machine:
            raise _name_taken(name, other)

    def require_free(self, machine_id: str, name: str) -> None:
        """Check that a new machine may have this UUID and name.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: tells which machine has it.
        """
        holder = self._index.get(machine_id)
        if holder is not None:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_IN_USE,
                f"A machine with the UUID {machine_id} is registered already: "
                f"'{holder.info.name}' in '{holder.path}'.",
                "virtualbox",
            )
        holder = self._index.named(name)
        if holder is not None:
            raise _name_taken(name, holder)

    def _add(self, file: MachineFile) -> Machine:
        machine = Machine(
            normal_id(file.settings.uuid), Path(file.path), self._hub, self._index
        )
        machine.adopt_new_file(file)
        entry = MachineEntry(uuid=machine.id, path=file.path)
        entries = [*self._store.settings.machines, entry]
        self._save(msgspec.structs.replace(self._store.settings, machines=entries))
        self._list(machine)
        return machine

    # -- properties ----------------------------------------------------------------------------

    def system_properties(self) -> SystemProperties:
        """Properties and limits of the installation."""
        with self.lock:
            settings = self._store.settings
            stored = {name: getattr(settings, name) for name in _STORED_PROPERTIES}
            return SystemProperties(
                default_machine_folder=self._store.machine_folder,
                firmware_bios_path=BIOS_FILE.get(settings.extra_data),
                firmware_vga_bios_path=VGA_BIOS_FILE.get(settings.extra_data),
                **stored,
            )

    def set_system_properties(
        self,
        *,
        default_machine_folder: str | None,
        default_hard_disk_format: str | None,
        log_history_count: int | None,
        firmware_bios_path: str | None,
        firmware_vga_bios_path: str | None,
    ) -> SystemProperties:
        """Change what is not None; see ``virtualbox.set_system_properties``."""
        for path in (default_machine_folder, firmware_bios_path, firmware_vga_bios_path):
            if path:
                require_absolute(path, "virtualbox")
        with self.lock:
            changes: dict[str, object] = {}
            if default_machine_folder is not None:
                changes["default_machine_folder"] = default_machine_folder
            if default_hard_disk_format is not None:
                changes["default_hard_disk_format"] = default_hard_disk_format or "VDI"
            if log_history_count is not None:
                changes["log_history_count"] = log_history_count
            extra_data = dict(self._store.settings.extra_data)
            _set_if_given(BIOS_FILE, extra_data, firmware_bios_path)
            _set_if_given(VGA_BIOS_FILE, extra_data, firmware_vga_bios_path)
            self._save(
                msgspec.structs.replace(self._store.settings, extra_data=extra_data, **changes)
            )
            self._hub.fire(SystemPropertiesChanged())
            return self.system_properties()

    def extra_data(self, key: str) -> str:
        """Extra data of the installation; empty when there is none."""
        with self.lock:
            return self._store.settings.extra_data.get(key, "")

    def all_extra_data(self) -> dict[str, str]:
        """All extra data of the installation."""
        with self.lock:
            return dict(self._store.settings.extra_data)

    def set_extra_data(self, key: str, value: str) -> None:
        """Store extra data of the installation; an empty value removes the key."""
        if not key:
            raise ApiError(ErrorCode.E_INVALIDARG, "Extra data need a key.", "virtualbox")
        with self.lock:
            extra_data = dict(self._store.settings.extra_data)
            if value:
                extra_data[key] = value
            else:
                extra_data.pop(key, None)
            self._save(msgspec.structs.replace(self._store.settings, extra_data=extra_data))
            self._hub.fire(ExtraDataChanged(key=key, value=value))

    @property
    def settings(self) -> GlobalSettings:
        """Settings of the installation; not to be changed by the caller."""
        with self.lock:
            return self._store.settings

    def change_settings(self, change: Callable[[GlobalSettings], GlobalSettings]) -> None:
        """Replace the settings of the installation by what ``change`` makes of them.

        Raises:
            ApiError: What ``change`` raised, or that the file cannot be written; nothing changed.
        """
        with self.lock:
            self._save(change(self._store.settings))

    def _save(self, settings: GlobalSettings) -> None:
        """Store a changed copy of the settings. Needs the lock."""
        base = self._store.settings
        self.check_disk()
        self._store.save(settings, base)

    # -- what other programs do to the file (see app.service.watching) ---------------------------

    def watched(self) -> list[Watched]:
        """The files whose changes by other programs matter."""
        return [self, *self.machines()]

    @property
    def watched_path(self) -> str:
        """The global settings file."""
        return str(self.settings_path)

    @property
    def known_signature(self) -> Signature | None:
        """Signature of the global settings file as it was read or written last."""
        return self._store.seen

    def check_disk(self) -> None:
        """Take over what another program did to the global settings file, and tell everybody."""
        with self.lock:
            if not self._store.changed_on_disk():
                return
            before = self._store.settings
            self._store.reload()
            after = self._store.settings
            if after is before:
                return
            _logger.info("'%s' was changed by another program", self.settings_path)
            self._follow_entries(after.machines)
            for key in sorted(before.extra_data.keys() | after.extra_data.keys()):
                value = after.extra_data.get(key, "")
                if value != before.extra_data.get(key, ""):
                    self._hub.fire(ExtraDataChanged(key=key, value=value))
            unlisted = {"machines": after.machines, "extra_data": after.extra_data}
            if msgspec.structs.replace(before, **unlisted) != after:
                self._hub.fire(SystemPropertiesChanged())

    def _follow_entries(self, entries: list[MachineEntry]) -> None:
        """Have the machines that another program registered, and no others."""
        wanted = {normal_id(entry.uuid): entry for entry in entries}
        kept = []
        for machine in self.machines():
            entry = wanted.pop(machine.id, None)
            with machine.lock:
                held = machine.session_state is not SessionState.UNLOCKED
                if entry is None and held:
                    kept.append(MachineEntry(uuid=machine.id, path=str(machine.path)))
                elif entry is None:
                    self._forget(machine)
                elif Path(entry.path) != machine.path and not held:
                    machine.moved(Path(entry.path))
                    self._hub.fire(MachineDataChanged(id=machine.id))
        for entry in wanted.values():
            self._list(self._machine_of(entry))
        if kept:
            _logger.warning("Machines that are in use stay registered: %s", kept)
            settings = self._store.settings
            machines = [*settings.machines, *kept]
            self._store.save(msgspec.structs.replace(settings, machines=machines), settings)

    def _list(self, machine: Machine) -> None:
        self._index.add(machine)
        self._hub.fire(MachineRegistered(id=machine.id, registered=True))
        _logger.info("The machine '%s' (%s) was registered", machine.info.name, machine.id)

    def _forget(self, machine: Machine) -> None:
        self._index.remove(machine)
        self._hub.fire(MachineRegistered(id=machine.id, registered=False))
        _logger.info("The machine '%s' (%s) was unregistered", machine.info.name, machine.id)


def _take_old_media(file: MachineFile) -> None:
    """Have a file older than 1.11 say itself where the media of its machine are."""
    before = file.settings
    file.settings, problems = with_old_media(before, file.folder, registries_for(file.path))
    try:
        if file.settings is not before:
            file.save()
            _logger.info("The media of '%s' were taken over from VirtualBox", file.path)
    except SettingsError as error:
        file.settings = before
        problems.append(str(error))
    for problem in problems:
        _logger.warning("Media of '%s' could not be taken over: %s", file.path, problem)


def _set_if_given(
    setting: ExtraDataSetting, extra_data: dict[str, str], value: str | None
) -> None:
    if value is not None:
        setting.set(extra_data, value)


def _not_found(name_or_id: str) -> ApiError:
    """The error in the words that scripts search VBoxManage's output for."""
    machine_id = normal_id(name_or_id)
    try:
        uuid.UUID(machine_id)
    except ValueError:
        sentence = f"Could not find a registered machine named '{name_or_id}'"
    else:
        sentence = f"Could not find a registered machine with UUID {{{machine_id}}}"
    return ApiError(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, sentence, "virtualbox")


def _name_taken(name: str, holder: Machine) -> ApiError:
    return ApiError(
        ErrorCode.VBOX_E_OBJECT_IN_USE,
        f"A machine named '{name}' is registered already: '{holder.path}'.",
        "virtualbox",
    )
