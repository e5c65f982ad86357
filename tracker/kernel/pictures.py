"""Pictures that people send: opened by content, upright, as pixels alone.

What is encoded anew from them carries nothing else: no location and camera (EXIF), no embedded
previews, and nothing that a hostile file has behind a valid header.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_

MOST_PIXELS = 60_000_000  # more is a decompression bomb, not a photograph
FORMATS = ("JPEG", "PNG", "WEBP")


def upright_picture(upload: bytes, *, field: str, smallest: tuple[int, int]) -> Image.Image:
    """The picture in `upload` (JPEG, PNG or WebP by content), turned upright by its EXIF
    orientation; raises `Refused` beside `field` where there is none, or a smaller one."""
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(N_("The picture is too large: at most 60 megapixels."), field=field)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused(N_("This file is not a JPEG, PNG or WebP picture."), field=field) from error
    if upright.width < smallest[0] or upright.height < smallest[1]:
        raise Refused(
            N_("The picture is too small: at least %(width)s × %(height)s pixels."),
            field=field,
            width=smallest[0],
            height=smallest[1],
        )
    return upright
