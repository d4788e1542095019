"""Snapshots of a running machine: the part of the VM process.

The service decides and keeps the books; this process has the images open. What takes long (writing
the state, copying between images) is done on a thread beside the guest, one thing at a time; the
service asks how far it is.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.api.structs import DiskWork
from app.console.errors import api_error, invalid_state
from app.console.saving import product
from engine.storage.merge import ChainMerge

if TYPE_CHECKING:
    from app.api.structs import SnapshotDisk
    from app.console.media import Drives
    from engine.storage.chain import DiskChain
    from engine.vm import VM

_logger = logging.getLogger(__name__)


class SnapshotWork:
    """What is being done to the disks of a running machine. From any thread but the EMT."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = DiskWork(finished=True)
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._merge: ChainMerge | None = None

    # -- a snapshot ------------------------------------------------------------------------------

    def begin_snapshot(
        self,
        vm: VM,
        drives: Drives,
        state_file: str,
        disks: Sequence[SnapshotDisk],
    ) -> None:
        """Capture the machine and have its disks write into new images, in one moment.

        The captured state is written to ``state_file`` afterwards; see :meth:`status`.

        Raises:
            ApiError: nothing has changed; tells why.
        """
        self._require_idle()
        chains = [(_chain(drives, disk), disk) for disk in disks]
        try:
            Path(state_file).parent.mkdir(parents=True, exist_ok=True)
            captured = vm.capture(product=product(), also=lambda: _put_on(chains))
        except Exception as error:
            raise api_error(error) from error
        for _, disk in chains:
            _logger.info("Console: The disk at %s port %d, device %d goes on in '%s'",
                         disk.controller, disk.port, disk.device, disk.path)  # fmt: skip
        self._start(lambda progress: captured.write(state_file, progress))

    # -- a merge ---------------------------------------------------------------------------------

    def begin_merge(self, drives: Drives, path: str, *, forward: bool) -> None:
        """Begin to copy between the image at ``path`` and the one above it; see :meth:`status`.

        Raises:
            ApiError: no disk of the machine has it, or something else is being done.
        """
        self._require_idle()
        chain = _chain_with(drives, path)
        try:
            merge = ChainMerge(chain, path, forward=forward)
        except Exception as error:
            raise api_error(error) from error
        self._merge = merge
        _logger.info("Console: '%s' is merged %s", path, "forward" if forward else "backward")
        self._start(merge.copy)

    def commit_merge(self) -> None:
        """Leave the merged image out; when this returns it is not in use any more.

        Raises:
            ApiError: nothing was merged, or a header could not be written.
        """
        merge = self._merge
        if merge is None or not self._status.finished or self._status.error:
            raise invalid_state("No images have been merged that could be taken over.")
        try:
            gone = merge.commit()
        except Exception as error:
            raise api_error(error) from error
        self._merge = None
        _logger.info("Console: '%s' is not needed any more", gone)

    def abandon_merge(self) -> None:
        """Give up a merge, whether it is done or not; nothing happens when there is none."""
        self.cancel()
        self._wait()
        merge, self._merge = self._merge, None
        if merge is not None:
            merge.abandon()

    # -- what goes on ----------------------------------------------------------------------------

    @property
    def status(self) -> DiskWork:
        """How far it is."""
        return self._status

    def cancel(self) -> None:
        """Have the work end soon."""
        self._cancelled.set()

    def end(self) -> None:
        """The machine is off: let a state be written to its end, and give up a merge."""
        if self._merge is not None:
            self.abandon_merge()
        self._wait()

    def _wait(self) -> None:
        thread = self._thread
        if thread is not None:
            thread.join()

    def _require_idle(self) -> None:
        with self._lock:
            if not self._status.finished or self._merge is not None:
                raise invalid_state("Another snapshot of the machine is being worked on.")

    def _start(self, work: Callable[[Callable[[int], None]], None]) -> None:
        self._cancelled.clear()
        self._status = DiskWork()

        def progress(percent: int) -> None:
            if self._cancelled.is_set():
                raise ApiError(ErrorCode.E_ABORT, "It was cancelled.", "console")
            if percent != self._status.percent:
                self._status = DiskWork(percent=percent)

        def run() -> None:
            try:
                work(progress)
            except Exception as error:
                failure = api_error(error)
                if failure.code is ErrorCode.E_UNEXPECTED:
                    _logger.exception("Console: a mistake of the program")
                _logger.warning("Console: %s", failure.message)
                self._status = DiskWork(finished=True, error=failure.message)
            else:
                self._status = DiskWork(percent=100, finished=True)

        self._thread = threading.Thread(target=run, name="snapshot", daemon=True)
        self._thread.start()


def _put_on(chains: list[tuple[DiskChain, SnapshotDisk]]) -> None:
    """Give every disk its new image, or none. On the EMT, while the guest is held."""
    done: list[tuple[DiskChain, Path]] = []
    try:
        for chain, disk in chains:
            Path(disk.path).parent.mkdir(parents=True, exist_ok=True)
            chain.put_on(disk.path, disk.format, uuid.UUID(disk.id))
            done.append((chain, Path(disk.path)))
    except BaseException:
        for chain, path in done:
            chain.take_off(path)
        raise


def _chain(drives: Drives, disk: SnapshotDisk) -> DiskChain:
    slot = drives.find(disk.controller, disk.port, disk.device)
    medium = drives.medium(slot)
    if medium is None or medium.chain is None:
        raise invalid_state(f"There is no hard disk at {slot.label}.")
    return medium.chain


def _chain_with(drives: Drives, path: str) -> DiskChain:
    for slot in drives:
        medium = drives.medium(slot)
        if medium is not None and medium.chain is not None and Path(path) in medium.chain.paths:
            return medium.chain
    raise invalid_state(f"No disk of the machine uses the image '{path}'.")
