"""A drawn meeting: clearly a drawing, and nobody in particular."""

import io

from PIL import Image, ImageDraw

from tracker.demonstration.portraits import CLOTHES, HAIR, SKIN

SIZE = (1200, 800)


def draw_meeting() -> bytes:
    """A long table between two groups of people, as a PNG."""
    image = Image.new("RGB", SIZE, "#e8e4da")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 520, 1200, 800), fill="#c9c2b2")
    for place in range(6):
        _person(draw, 150 + place * 180, 300, place)
    draw.polygon([(60, 470), (1140, 470), (1200, 640), (0, 640)], fill="#7a5a3c")
    draw.polygon([(0, 640), (1200, 640), (1200, 670), (0, 670)], fill="#5a4128")
    for place in range(5):
        _person(draw, 240 + place * 180, 560, place + 3)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _person(draw: ImageDraw.ImageDraw, x: int, y: int, place: int) -> None:
    draw.rounded_rectangle((x - 62, y + 60, x + 62, y + 240), 46, fill=CLOTHES[place % 6])
    draw.ellipse((x - 40, y - 40, x + 40, y + 60), fill=SKIN[place % 6])
    draw.pieslice((x - 43, y - 48, x + 43, y + 40), 180, 360, fill=HAIR[place % 7])
