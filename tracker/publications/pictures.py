"""Photographs of press notes: made anew from the pixels alone, without place, camera or device."""

import io

from PIL import Image

from tracker.kernel.pictures import FORMATS, upright_picture
from tracker.kernel.storage import storage

LARGEST_SIDE = 1600  # pixels
SMALLEST_SIDE = 400


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
    upright = upright_picture(upload, field="photo", smallest=(SMALLEST_SIDE, SMALLEST_SIDE))
    upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=82, optimize=True, progressive=True)
    return storage.put(buffer.getvalue())
