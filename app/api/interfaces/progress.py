"""``IProgress``: a long operation, which every client can watch, wait for and cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.schema import interface

if TYPE_CHECKING:
    from app.api.structs import ProgressInfo


@interface("progress", bound="id")
class Progress(Protocol):
    """Methods of a long operation; ``id`` comes from ``virtualbox.list_progress_operations``.

    The client that began it also gets the id with the first progress of its call. Every method
    raises ``VBOX_E_OBJECT_NOT_FOUND`` for an operation that ended more than a minute ago.
    """

    def get(self) -> ProgressInfo:
        """How far it is, or how it ended."""

    def wait_for_completion(self, timeout: int = -1) -> ProgressInfo:
        """Wait until it is over.

        Args:
            timeout: Milliseconds to wait at most, -1: as long as it takes. When they are over,
                the answer says that it is not completed.
        """

    def cancel(self) -> None:
        """Ask it to end early. It is over when ``completed`` says so, and may have succeeded.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: it cannot be cancelled.
        """
