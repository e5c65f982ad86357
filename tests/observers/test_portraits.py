"""Portraits are made anew from their pixels: 3:4, upright, nothing else kept."""

import io

import pytest
from PIL import Image

from tracker.kernel.errors import Refused
from tracker.observers.portraits import SIZE, portrait_from


def picture(width, height, kind="JPEG", **options):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#336699").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(480, 640), (3000, 2000), (240, 320), (400, 2000)])
def test_any_picture_becomes_three_to_four(kind, size):
    with Image.open(io.BytesIO(portrait_from(picture(*size, kind)))) as image:
        assert (image.size, image.format) == (SIZE, "JPEG")


def test_what_is_not_the_picture_is_dropped():
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6  # turned
    upload = picture(640, 480, exif=exif) + b"<script>alert(1)</script>"
    made = portrait_from(upload)
    assert b"secret place" not in made
    assert b"script" not in made
    with Image.open(io.BytesIO(made)) as image:
        assert dict(image.getexif()) == {}


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (b"", "not a JPEG"),
        (b"GIF89a" + b"\0" * 100, "not a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG"),
        (picture(600, 800)[:500], "not a JPEG"),
        (picture(200, 300), "too small"),
        (picture(10_000, 7_000, "PNG"), "too large"),
    ],
)
def test_what_is_no_portrait_is_refused(upload, words):
    with pytest.raises(Refused, match=words) as refusal:
        portrait_from(upload)
    assert refusal.value.field == "portrait"
