"""``IMedium``: one known disk, DVD or floppy image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.basics import MediumVariant
from app.api.schema import interface

if TYPE_CHECKING:
    from app.api.structs import MediumInfo


@interface("medium", bound="id")
class Medium(Protocol):
    """Methods of a medium; ``id`` is its UUID (the service also takes its absolute path).

    Each raises ``VBOX_E_OBJECT_NOT_FOUND`` when no such medium is known. Those that change the
    image raise ``VBOX_E_INVALID_OBJECT_STATE`` when it is in use or inaccessible; they report
    progress and may be cancelled, and a cancelled or failed one leaves the image as it was.
    """

    def get_info(self) -> MediumInfo:
        """What is known of it; looks at the image again when its file has changed."""

    def set_type(self, type: str) -> None:  # noqa: A002 - name on the wire
        """Change the behaviour with snapshots and sharing.

        Args:
            type: ``Normal``, ``Immutable``, ``Writethrough``, ``Shareable`` (fixed size only),
                ``Readonly`` (not for hard disks) or ``MultiAttach``.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE`` or ``VBOX_E_OBJECT_IN_USE``: its present use
                does not allow that; ``E_INVALIDARG``: there is no such type.
        """

    def set_auto_reset(self, auto_reset: bool) -> None:
        """Whether a differencing image is emptied when its machine starts.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: it is not a differencing image.
        """

    def set_description(self, description: str) -> None:
        """Note something about it."""

    def set_property(self, name: str, value: str) -> None:
        """Set a property of its format; an empty value removes it.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: it is not a hard disk; ``E_INVALIDARG``: no name.
        """

    def set_location(self, path: str) -> None:
        """Tell that the image is at another absolute path now; no file is moved."""

    def set_ids(self, image_id: str = "", parent_id: str = "") -> str:
        """Store other UUIDs in the image and in the settings of the installation.

        Args:
            image_id: New UUID; empty: keep it.
            parent_id: New UUID of the parent of a differencing image; empty: keep it.

        Returns:
            The UUID of the image.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: a machine uses it, or others build on it.
        """

    def resize(self, size_bytes: int) -> None:
        """Make the disk larger, to ``size_bytes`` (a multiple of 512).

        Raises:
            ApiError: ``E_INVALIDARG``: smaller than it is, or the format cannot be resized;
                ``VBOX_E_OBJECT_IN_USE``: other images build on it.
        """

    def compact(self) -> None:
        """Give the room of blocks that hold nothing but zeros back to the host.

        Raises:
            ApiError: ``E_INVALIDARG``: it is of fixed size, or the format cannot do that.
        """

    def clone_to(
        self,
        path: str,
        format: str = "VDI",  # noqa: A002 - name on the wire
        variant: MediumVariant = MediumVariant.STANDARD,
    ) -> MediumInfo:
        """Make a complete, known image with its contents.

        Args:
            path: New image file, absolute; its folder is made when missing.
            format: Name of the format.
            variant: Allocation.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR`` (exists, disk full...), ``E_INVALIDARG`` (format).
        """

    def clone_over(self, target_id: str) -> MediumInfo:
        """Give another known hard disk its contents, as much as fits into that one's size.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: a machine uses the target, or others build on it.
        """

    def move_to(self, path: str) -> None:
        """Move the image file to another absolute path; a folder keeps the file's name.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: a file of that name exists, the disk is full...
        """

    def close(self) -> None:
        """Forget it; the file stays.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: a machine uses it, or others build on it.
        """

    def delete_storage(self) -> None:
        """Delete the image file and forget it.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: a machine uses it, or others build on it;
                ``VBOX_E_FILE_ERROR``: the host refused.
        """
