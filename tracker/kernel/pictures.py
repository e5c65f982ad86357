"""Pictures that people send: opened by content, upright, as pixels alone.

What is encoded anew from them carries nothing else: no location and camera (EXIF), no embedded
previews, and nothing that a hostile file has behind a valid header.
"""

import io

from PIL import Image, ImageOps

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_

MOST_PIXELS = 60_000_000  # more is a decompression bomb, not a photograph
FORMATS = ("JPEG", "PNG", "WEBP")
# The library would warn of some pictures and raise for larger ones: here all are counted first.
Image.MAX_IMAGE_PIXELS = None


def opened_picture(
    upload: bytes, *, field: str, mode: str = "RGB", most_pixels: int = MOST_PIXELS
) -> Image.Image:
    """The picture in `upload` (JPEG, PNG or WebP by content), turned upright by its EXIF
    orientation; raises `Refused` beside `field` where there is none that can be opened."""
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            pixels = image.width * image.height
            if pixels <= most_pixels:
                found = ImageOps.exif_transpose(image).convert(mode)
                found.info.clear()  # comments and profiles would be written out again
                return found
    except Exception as error:  # a damaged or hostile picture fails in any way it likes
        raise Refused(N_("This file is not a JPEG, PNG or WebP picture."), field=field) from error
    raise Refused(
        N_("The picture is too large: at most %(limit)s megapixels."),
        field=field,
        limit=most_pixels // 1_000_000,
    )


def upright_picture(upload: bytes, *, field: str, smallest: tuple[int, int]) -> Image.Image:
    """The same; raises `Refused` for a smaller one, too."""
    upright = opened_picture(upload, field=field)
    if upright.width < smallest[0] or upright.height < smallest[1]:
        raise Refused(
            N_("The picture is too small: at least %(width)s × %(height)s pixels."),
            field=field,
            width=smallest[0],
            height=smallest[1],
        )
    return upright


def made_anew(upload: bytes, kind: str, *, field: str) -> bytes:
    """The picture in `upload`, of the same size, encoded as `kind` (JPEG, PNG, WEBP)."""
    buffer = io.BytesIO()
    opened_picture(upload, field=field).save(buffer, kind, quality=90)
    return buffer.getvalue()
