"""Drawn portraits for invented people: clearly drawings, each a little different."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (480, 640)
SKIN = ("#f1d3b8", "#e6bd98", "#d9a679", "#c68f62", "#a87148", "#8a5a3a")
HAIR = ("#2b2320", "#3d2b22", "#5a3d28", "#8a6a42", "#9a9a98", "#c9c5bd", "#1c1b20")
CLOTHES = ("#24384a", "#3a4a3f", "#4d3a45", "#5b5448", "#2f3f5c", "#6a3f3a")
GROUND = ("#dfe7ea", "#e8e4da", "#dde4dc", "#e6e1e8", "#e3e8f0")


def _hair_behind(draw: ImageDraw.ImageDraw, hair: str, is_woman: bool, style: int) -> None:
    if is_woman and style < 3:
        length = (430, 500, 380)[style]
        draw.rounded_rectangle((128, 130, 352, length), 100, fill=hair)


def _hair_front(draw: ImageDraw.ImageDraw, hair: str, is_woman: bool, style: int) -> None:
    if not is_woman and style == 3:
        return  # bald
    draw.pieslice((142, 110, 338, 330), 180, 360, fill=hair)
    if is_woman and style == 4:
        draw.ellipse((205, 72, 275, 142), fill=hair)


def _face(draw: ImageDraw.ImageDraw, chance: Random, skin: str, hair: str, is_woman: bool) -> None:
    ink = "#33261f"
    for x in (198, 282):
        draw.ellipse((x - 9, 258, x + 9, 272), fill="#fbf8f4")
        draw.ellipse((x - 6, 258, x + 6, 271), fill=ink)
        draw.line((x - 18, 238, x + 18, 238), fill=_darker(hair), width=6)
    draw.line((240, 268, 234, 306, 244, 310), fill=_darker(skin), width=5, joint="curve")
    lips = "#a4544e" if is_woman else _darker(skin)
    draw.arc((206, 312, 274, 350), 20, 160, fill=lips, width=7)
    if not is_woman and chance.random() < 0.3:
        draw.chord((166, 290, 314, 408), 15, 165, fill=hair)
        draw.arc((206, 318, 274, 350), 20, 160, fill="#8d4a44", width=7)
    if chance.random() < 0.28:
        for x in (198, 282):
            draw.rounded_rectangle((x - 34, 244, x + 34, 286), 14, outline=ink, width=5)
        draw.line((232, 262, 248, 262), fill=ink, width=5)


def _darker(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"#{red * 8 // 10:02x}{green * 7 // 10:02x}{blue * 7 // 10:02x}"


def draw_portrait(key: str, *, is_woman: bool) -> bytes:
    """A JPEG of 480 × 640 pixels, the same for the same key."""
    chance = Random(f"portrait/{key}")  # the same each time  # nosec B311
    skin, hair, cloth, ground = map(chance.choice, (SKIN, HAIR, CLOTHES, GROUND))
    style = chance.randrange(5 if is_woman else 4)
    image = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse((-60, 60, 540, 660), fill=_lighter(ground))
    _hair_behind(draw, hair, is_woman, style)
    draw.rounded_rectangle((60, 450, 420, 720), 110, fill=cloth)
    draw.rounded_rectangle((200, 360, 280, 490), 30, fill=_darker(skin))
    draw.polygon(((196, 452), (240, 540), (284, 452), (240, 490)), fill="#f6f4ef")
    if not is_woman:
        draw.polygon(
            ((228, 486), (252, 486), (264, 600), (240, 640), (216, 600)), fill=_tie(chance)
        )
    draw.ellipse((148, 130, 332, 400), fill=skin)
    for x in (138, 318):
        draw.ellipse((x, 246, x + 26, 300), fill=skin)
    _hair_front(draw, hair, is_woman, style)
    draw.ellipse((164, 172, 316, 330), fill=skin)  # the forehead makes a hairline of the cap
    _face(draw, chance, skin, hair, is_woman)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _lighter(color: str) -> str:
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{value + (255 - value) // 2:02x}" for value in parts)


def _tie(chance: Random) -> str:
    return chance.choice(("#7a2f35", "#2c4b6b", "#3d5a45", "#6b5a2c"))
