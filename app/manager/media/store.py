"""The media that the service knows, kept up to date while somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.errors import ApiError
from app.api.structs import DeviceType, MediumFormatInfo, MediumInfo
from app.manager.service_link import ServiceLink

# One change in a machine's storage gives several events.
_PATIENCE_MS: Final = 150

KINDS: Final = (DeviceType.HARD_DISK, DeviceType.DVD, DeviceType.FLOPPY)


class MediaStore(QObject):
    """Media of the given kinds and the formats that there are.

    To list media the service looks at images whose files have changed, so it is asked only while
    somebody watches; changes that come meanwhile are made up for by :meth:`watch`.

    Signals:
        changed(object): the media of this DeviceType were fetched.
        failed(str): they could not be fetched; a sentence.
    """

    changed = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        link: ServiceLink,
        kinds: Sequence[DeviceType] = KINDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._kinds = tuple(kinds)
        self._media: dict[DeviceType, tuple[MediumInfo, ...]] = {}
        self._formats: tuple[MediumFormatInfo, ...] = ()
        self._fetching: set[DeviceType] = set()
        self._outdated: set[DeviceType] = set(self._kinds)
        self._watched = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PATIENCE_MS)
        self._soon.timeout.connect(self._fetch_outdated)
        link.media_changed.connect(self._on_changed)
        link.machine_changed.connect(self._on_changed)
        link.machines_loaded.connect(self._on_changed)
        link.model.rowsRemoved.connect(self._on_changed)

    def media(self, kind: DeviceType) -> Sequence[MediumInfo]:
        """Return the media of KIND, each followed by those that build on it."""
        return self._media.get(kind, ())

    def medium(self, medium_id: str) -> MediumInfo | None:
        """Return the medium of this UUID, or None when it is not known (any more)."""
        for media in self._media.values():
            for medium in media:
                if medium.id == medium_id:
                    return medium
        return None

    def is_loaded(self, kind: DeviceType) -> bool:
        """Whether the media of KIND were fetched at least once."""
        return kind in self._media

    def formats(self, kind: DeviceType) -> Sequence[MediumFormatInfo]:
        """Return the formats for drives of KIND; empty before they were fetched."""
        return [each for each in self._formats if kind in each.device_types]

    def format(self, medium: MediumInfo) -> MediumFormatInfo | None:
        """Return the format of MEDIUM when it is known."""
        formats = self.formats(medium.device_type)
        return next((each for each in formats if each.name == medium.format), None)

    def watch(self, watched: bool = True) -> None:
        """Fetch what has changed, and follow from now on; or stop that."""
        self._watched = watched
        if watched:
            self._fetch_outdated()

    def refresh(self) -> None:
        """Fetch everything anew."""
        self._outdated.update(self._kinds)
        self._fetch_outdated()

    def when_formats_known(self, owner: QObject, done: Callable[[], None]) -> None:
        """Call DONE, unless OWNER is gone by then, as soon as the formats are known."""
        if self._formats:
            done()
            return

        def fetched(formats: list[MediumFormatInfo]) -> None:
            self._formats = tuple(formats)
            done()

        self._link.call(owner, "virtualbox.list_medium_formats", {}, fetched)

    def _on_changed(self, *_what: object) -> None:
        self._outdated.update(self._kinds)
        if self._watched:
            self._soon.start()

    def _fetch_outdated(self) -> None:
        self._soon.stop()
        for kind in self._kinds:
            if kind in self._outdated and kind not in self._fetching:
                self._outdated.discard(kind)
                self._fetching.add(kind)
                self._link.call(
                    self,
                    "virtualbox.list_media",
                    {"device_type": kind},
                    partial(self._put, kind),
                    partial(self._on_failed, kind),
                )

    def _put(self, kind: DeviceType, media: list[MediumInfo]) -> None:
        self._fetching.discard(kind)
        self._media[kind] = tuple(media)
        self.changed.emit(kind)
        if self._watched and kind in self._outdated:
            self._soon.start()

    def _on_failed(self, kind: DeviceType, error: ApiError) -> None:
        self._fetching.discard(kind)
        self._outdated.add(kind)
        self.failed.emit(error.message)
