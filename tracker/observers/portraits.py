"""Portraits as they are kept: a JPEG of 3:4, made anew from the pixels alone.

Re-encoding drops everything that is not the picture: location and camera (EXIF), embedded
previews, and whatever a hostile file carries behind a valid header.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_

SIZE = (480, 640)
SMALLEST = (240, 320)
MOST_PIXELS = 60_000_000  # more is a decompression bomb, not a photograph
FORMATS = ("JPEG", "PNG", "WEBP")


def portrait_from(upload: bytes) -> bytes:
    """The portrait in `upload` (JPEG, PNG or WebP by content); raises `Refused` if there is none.

    Turned upright by its EXIF orientation, cropped to 3:4 around the upper middle, at most
    480 × 640 pixels.
    """
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise Refused(
                    N_("The picture is too large: at most 60 megapixels."), field="portrait"
                )
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused(
            N_("This file is not a JPEG, PNG or WebP picture."), field="portrait"
        ) from error
    if upright.width < SMALLEST[0] or upright.height < SMALLEST[1]:
        raise Refused(
            N_("The picture is too small: at least %(width)s × %(height)s pixels."),
            field="portrait",
            width=SMALLEST[0],
            height=SMALLEST[1],
        )
    fitted = ImageOps.fit(upright, SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.3))
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
