"""``virtualbox.detect_os``: what is on an optical image."""

from __future__ import annotations

from app.api.errors import ApiError, ErrorCode
from app.api.structs import DetectedOs
from app.service.dispatch import CallContext, Style, handler
from app.service.media import require_absolute


@handler("virtualbox.detect_os", Style.WORKER)
def _detect_os(_context: CallContext, path: str) -> DetectedOs:
    # Few clients ask, and the table of patterns is not small.
    from app.service.isoimage import IsoImage, NotAnIsoImageError
    from app.settings.imageguess import guess_of_image

    file = require_absolute(path, "virtualbox")
    if file.is_fifo():
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR, f"'{file}' is a pipe, not an image.", "virtualbox"
        )
    try:
        with file.open("rb") as image:
            try:
                iso = IsoImage(image)
            except NotAnIsoImageError:
                guess = guess_of_image("", file.stem, lambda _path: None)
                return DetectedOs(os_type_id=guess.os_type_id)
            guess = guess_of_image(iso.label, file.stem, iso.read_text)
            return DetectedOs(
                os_type_id=guess.os_type_id, label=iso.label, product=guess.product
            )
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The image '{file}' cannot be read: {error.strerror or error}.",
            "virtualbox",
        ) from error
