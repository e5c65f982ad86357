"""Portraits as they are kept: a JPEG of 3:4, made anew from the pixels alone.

Re-encoding drops everything that is not the picture: location and camera (EXIF), embedded
previews, and whatever a hostile file carries behind a valid header.
"""

import io

from PIL import Image, ImageOps

from tracker.kernel.pictures import upright_picture

SIZE = (480, 640)
SMALLEST = (240, 320)


def portrait_from(upload: bytes) -> bytes:
    """The portrait in `upload` (JPEG, PNG or WebP by content); raises `Refused` if there is none.

    Turned upright by its EXIF orientation, cropped to 3:4 around the upper middle, at most
    480 × 640 pixels.
    """
    upright = upright_picture(upload, field="portrait", smallest=SMALLEST)
    fitted = ImageOps.fit(upright, SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.3))
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
