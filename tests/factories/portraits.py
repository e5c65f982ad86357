"""Portraits for tests: a real JPEG in the storage of the application."""

import base64
import io

from PIL import Image

from tracker.kernel.storage import storage


def picture(color: str = "#8a6a42", size: tuple[int, int] = (480, 640)) -> bytes:
    """A plain picture as a file."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def picture_in_json() -> str:
    """A plain picture as text, for who sends JSON."""
    return base64.b64encode(picture(size=(600, 800))).decode()


def portrait(color: str = "#8a6a42", size: tuple[int, int] = (480, 640)) -> str:
    """The storage key of a plain picture."""
    return storage.put(picture(color, size))
