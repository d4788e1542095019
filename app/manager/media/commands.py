"""What the actions on media do: dialogs, questions, and long work in the notification centre."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from app.api.errors import ApiError
from app.api.structs import DeviceType, MediumInfo, MediumState
from app.common.messages import Choice, ask
from app.common.translation import tr
from app.manager.media.create_dialogs import CopyDialog, CreateDiskDialog, CreateFloppyDialog
from app.manager.media.image_dialog import ImageDialog
from app.manager.media.orders import Order
from app.manager.media.panel import MediumEdit
from app.manager.media.release import Release
from app.manager.media.store import MediaStore
from app.manager.media.words import ADD_TITLES, file_name, names_text, translated
from app.manager.notifications.center import NotificationCenter
from app.manager.service_link import ServiceLink
from app.manager.widgets.file_picker import PickMode, new_file_dialog


class MediumCommands(QObject):
    """Commands on media; those that take time are cards in the notification centre.

    Signals:
        medium_made(str): a medium was added, created or copied; carries its UUID.
    """

    medium_made = Signal(str)

    def __init__(
        self,
        link: ServiceLink,
        store: MediaStore,
        notifications: NotificationCenter,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._store = store
        self._notifications = notifications
        self._widget = parent

    # -- new media -----------------------------------------------------------------------------

    def add(self, kind: DeviceType) -> None:
        """Have an image file chosen and make it known."""
        dialog = new_file_dialog(
            self._widget,
            PickMode.OPEN_FILE,
            translated(ADD_TITLES[kind]),
            image_filter(self._store, kind),
        )
        dialog.setDirectory(self._folder())
        dialog.fileSelected.connect(lambda path: self.add_file(path, kind))
        dialog.open()

    def add_file(self, path: str, kind: DeviceType) -> None:
        """Make the image file PATH known."""
        self._notifications.run(
            self,
            self.tr("Adding “{name}”").format(name=Path(path).name),
            "virtualbox.open_medium",
            {"path": path, "device_type": kind, "register": True},
            self._made,
            failure=self.tr("“{name}” could not be added").format(name=Path(path).name),
        )

    def create(self, kind: DeviceType) -> None:
        """Have a new hard disk or floppy disk described and create it."""
        self._store.when_formats_known(self, lambda: self._create(kind))

    def _create(self, kind: DeviceType) -> None:
        dialog = new_creation_dialog(self._link, self._store, kind, self._folder(), self._widget)
        self._open(dialog)

    def copy(self, medium: MediumInfo) -> None:
        """Have a copy of MEDIUM described and make it."""

        def known() -> None:
            formats = self._store.formats(medium.device_type)
            self._open(CopyDialog(medium, formats, self._widget))

        self._store.when_formats_known(self, known)

    def _open(self, dialog: ImageDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.order_given.connect(self._carry_out)
        dialog.open()

    def _carry_out(self, order: Order) -> None:
        self._notifications.run(
            self, order.title, order.method, order.params, self._made,
            failure=order.failure, cancellable=True,
        )  # fmt: skip

    def _made(self, medium: MediumInfo) -> None:
        self.medium_made.emit(medium.id)

    def _folder(self) -> str:
        properties = self._link.properties
        return properties.default_machine_folder if properties is not None else ""

    # -- changing ------------------------------------------------------------------------------

    def move(self, medium: MediumInfo) -> None:
        """Have another place for the image file chosen and move it there."""
        dialog = new_file_dialog(
            self._widget,
            PickMode.SAVE_FILE,
            self.tr("Move “{name}” to").format(name=file_name(medium)),
        )
        # The file dialog asks by itself before a file is overwritten, and moving never does that.
        dialog.setDirectory(os.path.dirname(medium.path))
        dialog.selectFile(file_name(medium))
        dialog.fileSelected.connect(lambda path: self.move_to(medium, path))
        dialog.open()

    def move_to(
        self, medium: MediumInfo, path: str, done: Callable[[Any], None] | None = None
    ) -> None:
        """Move the image file of MEDIUM to PATH."""
        if path == medium.path:
            return
        self._run(
            self.tr("Moving “{name}”"), self.tr("“{name}” could not be moved"), medium,
            "medium.move_to", {"path": path}, done,
        )  # fmt: skip

    def compact(self, medium: MediumInfo) -> None:
        """Give room that holds only zeros back to the host."""
        self._run(
            self.tr("Compacting “{name}”"), self.tr("“{name}” could not be compacted"), medium,
            "medium.compact", {},
        )  # fmt: skip

    def apply(self, medium: MediumInfo, edit: MediumEdit) -> None:
        """Change MEDIUM as EDIT says: type, description, place, size; the first error ends it."""
        steps: list[tuple[str, dict[str, Any]]] = []
        if edit.type is not None:
            steps.append(("medium.set_type", {"type": edit.type}))
        if edit.description is not None:
            steps.append(("medium.set_description", {"description": edit.description}))
        path = edit.path
        if path is not None and medium.state is MediumState.INACCESSIBLE:
            # There is no file to move: somebody has moved it already.
            steps.append(("medium.set_location", {"path": path}))
            path = None
        self._apply_steps(medium, steps, path, edit.size)

    def _apply_steps(
        self,
        medium: MediumInfo,
        steps: list[tuple[str, dict[str, Any]]],
        path: str | None,
        size: int | None,
    ) -> None:
        if steps:
            method, params = steps[0]

            def failed(error: ApiError) -> None:
                title = self.tr("“{name}” could not be changed")
                self._notifications.show_error(
                    title.format(name=file_name(medium)), error.message
                )

            self._link.call(
                self,
                method,
                {"id": medium.id, **params},
                lambda _done: self._apply_steps(medium, steps[1:], path, size),
                failed,
            )
        elif path is not None:
            self.move_to(medium, path, lambda _done: self._resize(medium, size))
        else:
            self._resize(medium, size)

    def _resize(self, medium: MediumInfo, size: int | None) -> None:
        if size is not None:
            self._run(
                self.tr("Resizing “{name}”"), self.tr("“{name}” could not be resized"), medium,
                "medium.resize", {"size_bytes": size},
            )  # fmt: skip

    def _run(
        self,
        title: str,
        failure: str,
        medium: MediumInfo,
        method: str,
        params: dict[str, Any],
        done: Callable[[Any], None] | None = None,
        *,
        cancellable: bool = True,
    ) -> None:
        name = file_name(medium)
        self._notifications.run(
            self, title.format(name=name), method, {"id": medium.id, **params}, done,
            failure=failure.format(name=name), cancellable=cancellable,
        )  # fmt: skip

    # -- letting go ----------------------------------------------------------------------------

    def release(self, medium: MediumInfo) -> QMessageBox:
        """Detach MEDIUM from all machines after asking."""
        machines = "\n".join(use.machine_name for use in medium.uses if use.attached)
        return ask(
            self._widget,
            self.tr("Release medium"),
            self.tr("Release “{name}” from the machines that use it?").format(
                name=file_name(medium)
            ),
            (
                Choice(
                    self.tr("&Release"),
                    QMessageBox.ButtonRole.AcceptRole,
                    lambda: self.release_now(medium),
                ),
                Choice(
                    self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True
                ),
            ),
            explanation=self.tr(
                "It is detached from these machines, and its file stays as it is:\n{machines}"
            ).format(machines=machines),
        )

    def release_now(
        self, medium: MediumInfo, done: Callable[[], None] = lambda: None
    ) -> None:
        """Detach MEDIUM from all machines, then call DONE."""
        name = file_name(medium)
        notification = self._notifications.begin(self.tr("Releasing “{name}”").format(name=name))

        def finished() -> None:
            self._notifications.finish(notification)
            done()

        def failed(reason: str) -> None:
            notification.title = self.tr("“{name}” could not be released").format(name=name)
            self._notifications.fail(notification, reason)

        Release(self._link, medium, finished, failed, self).start()

    def remove(self, medium: MediumInfo) -> QMessageBox:
        """Forget MEDIUM after asking whether its file is to be deleted too."""
        machines = ", ".join(use.machine_name for use in medium.uses if use.attached)
        lines = [self.tr("File: {path}").format(path=medium.path)]
        if machines:
            lines.insert(
                0,
                self.tr("It is released from these machines first: {machines}.").format(
                    machines=machines
                ),
            )
        keep = Choice(
            self.tr("&Keep File"),
            QMessageBox.ButtonRole.AcceptRole,
            lambda: self._remove(medium, delete=False),
            default=True,
        )
        delete = Choice(
            self.tr("&Delete File"),
            QMessageBox.ButtonRole.DestructiveRole,
            lambda: self._remove(medium, delete=True),
        )
        cancel = Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        gone = medium.state is MediumState.INACCESSIBLE
        if gone:
            lines.append(self.tr("The image is inaccessible; whatever is there stays."))
        keep_text = Choice(self.tr("&Remove"), keep.role, keep.chosen, default=True)
        return ask(
            self._widget,
            self.tr("Remove medium"),
            self.tr("Remove “{name}” from the list of known media?").format(
                name=file_name(medium)
            ),
            (keep_text, cancel) if gone else (keep, delete, cancel),
            explanation="\n".join(lines),
        )

    def _remove(self, medium: MediumInfo, *, delete: bool) -> None:
        def close() -> None:
            self._run(
                self.tr("Deleting “{name}”") if delete else self.tr("Removing “{name}”"),
                self.tr("“{name}” could not be removed"), medium,
                "medium.delete_storage" if delete else "medium.close", {}, cancellable=False,
            )  # fmt: skip

        if any(use.attached for use in medium.uses):
            self.release_now(medium, close)
        else:
            close()

    def clear(self, media: Sequence[MediumInfo]) -> QMessageBox:
        """Forget all of MEDIA, which are inaccessible and unused, after asking."""
        return ask(
            self._widget,
            self.tr("Clear inaccessible media"),
            self.tr("Remove {count} inaccessible media from the list?").format(count=len(media)),
            (
                Choice(
                    self.tr("&Clear"),
                    QMessageBox.ButtonRole.AcceptRole,
                    lambda: self._clear(media),
                ),
                Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
            ),
            explanation=names_text(media),
        )

    def _clear(self, media: Sequence[MediumInfo]) -> None:
        for medium in media:
            self._run(
                self.tr("Removing “{name}”"), self.tr("“{name}” could not be removed"), medium,
                "medium.close", {}, cancellable=False,
            )  # fmt: skip


def new_creation_dialog(
    link: ServiceLink,
    store: MediaStore,
    kind: DeviceType,
    folder: str,
    parent: QWidget,
    *,
    stem: str = "",
) -> ImageDialog:
    """Return the dialog that creates a hard disk or a floppy disk; the formats are known."""
    formats = store.formats(kind)
    if kind is DeviceType.FLOPPY:
        return CreateFloppyDialog(formats, folder, parent, stem=stem)
    properties = link.properties
    if properties is None:
        return CreateDiskDialog(formats, folder, parent, stem=stem)
    return CreateDiskDialog(
        formats, folder, parent, stem=stem, largest=properties.info_vd_size,
        preferred_format=properties.default_hard_disk_format,
    )  # fmt: skip


def image_filter(store: MediaStore, kind: DeviceType) -> str:
    """Return the filter of a file dialog for images of KIND."""
    extensions = sorted({each for fmt in store.formats(kind) for each in fmt.extensions})
    everything = tr("All files (*)")
    if not extensions:
        return everything
    patterns = " ".join(f"*{extension}" for extension in extensions)
    images = tr("Images ({patterns})").format(patterns=patterns)
    return f"{images};;{everything}"


def remove_problem(medium: MediumInfo) -> str:
    """Return why MEDIUM cannot be removed, or an empty string."""
    if medium.children:
        return tr("Other images build on it.")
    if any(use.snapshots for use in medium.uses):
        return tr("Snapshots use it; delete those first.")
    return ""


def release_problem(medium: MediumInfo) -> str:
    """Return why MEDIUM cannot be released, or an empty string."""
    if not medium.uses:
        return tr("No machine uses it.")
    if not any(use.attached for use in medium.uses):
        return tr("Only snapshots use it; delete those first.")
    return ""


def change_problem(medium: MediumInfo) -> str:
    """Return why the image of MEDIUM cannot be read or written now, or an empty string."""
    if medium.state is MediumState.INACCESSIBLE:
        return tr("The image is inaccessible.")
    if medium.state in {MediumState.LOCKED_READ, MediumState.LOCKED_WRITE}:
        return tr("The image is in use.")
    return ""


def clearable(media: Sequence[MediumInfo]) -> list[MediumInfo]:
    """Return those of MEDIA that are inaccessible and that nothing needs."""
    return [
        medium
        for medium in reversed(media)
        if medium.state is MediumState.INACCESSIBLE and not medium.uses and not medium.children
    ]
