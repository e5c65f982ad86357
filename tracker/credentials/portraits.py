"""The portrait as a certificate prints it: small, and the same bytes wherever it is shown.

The credential signs a hash of exactly these bytes, so they are made once, when the certificate is
issued, and stored.
"""

import io

from PIL import Image

from tracker.kernel.storage import storage

SIZE = (300, 400)  # pixels at most: 30 mm wide at 254 dots an inch
QUALITY = 80


def printed_portrait(portrait: str) -> str:
    """Store the small portrait made of a stored one; both are storage keys (SHA-256)."""
    with Image.open(io.BytesIO(storage.get(portrait))) as image:
        image.draft("RGB", SIZE)
        small = image.convert("RGB")
    small.thumbnail(SIZE, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return storage.put(buffer.getvalue())
