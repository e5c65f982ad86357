"""Photographs of press notes: made anew from the pixels alone, without place, camera or device."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.storage import storage

LARGEST_SIDE = 1600  # pixels
SMALLEST_SIDE = 400
MOST_PIXELS = 60_000_000  # more is a decompression bomb, not a photograph
FORMATS = ("JPEG", "PNG", "WEBP")


def photo_size(key: str) -> tuple[int, int] | None:
    """Width and height in pixels of a stored photograph; None where the file is missing."""
    try:
        with Image.open(io.BytesIO(storage.get(key)), formats=FORMATS) as image:
            return image.size
    except FileNotFoundError:
        return None


def put_photo(upload: bytes) -> str:
    """Store the photograph in `upload` (JPEG, PNG or WebP by content) as a JPEG; its key.

    Raises `Refused` beside the field `photo` where there is none.
    """
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(N_("The picture is too large: at most 60 megapixels."), field="photo")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused(N_("This file is not a JPEG, PNG or WebP picture."), field="photo") from error
    if min(upright.size) < SMALLEST_SIDE:
        raise Refused(
            N_("The picture is too small: at least %(width)s × %(height)s pixels."),
            field="photo",
            width=SMALLEST_SIDE,
            height=SMALLEST_SIDE,
        )
    upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=82, optimize=True, progressive=True)
    return storage.put(buffer.getvalue())
