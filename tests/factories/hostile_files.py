"""Files that somebody might send to do harm: pictures, papers, archives, spreadsheets."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

import xlsxwriter
from PIL import Image

SCRIPT = b"<script>alert('zq')</script>"
GPS = {1: "N", 2: (51.0, 10.0, 0.0), 3: "E", 4: (71.0, 25.0, 0.0)}


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 900), *, with_place: bool = False):
    """A picture; with the place where it was taken, the camera, a comment and a script in them."""
    buffer = io.BytesIO()
    image, options = Image.new("RGB", size, "#8a6a42"), {}
    if with_place:
        exif = Image.Exif()
        exif[0x010F] = "Camera zq"
        exif[0x010E] = SCRIPT.decode()
        exif.get_ifd(0x8825).update(GPS)
        options["exif"] = exif
        if kind == "JPEG":
            options["comment"] = b"zq comment"
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    packed = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to 200 megabytes."""
    whole = picture("PNG")
    packed = b"zq\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    return whole[:33] + _chunk(b"zTXt", packed) + whole[33:]


def archive(**members: bytes) -> bytes:
    """A zip of these members; `__` in a name stands for a slash, `_dot_` for a point."""
    named = {name.replace("__", "/").replace("_dot_", "."): body for name, body in members.items()}
    return zipped(named)


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in members.items():
            file.writestr(name, body)
    return buffer.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    """A spreadsheet as a program writes it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return buffer.getvalue()


def changed(content: bytes, name: str, body: bytes) -> bytes:
    """The archive with another member in the place of one."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = {each: file.read(each) for each in file.namelist()}
    return zipped(members | {name: body})


ENTITIES = (
    b'<?xml version="1.0"?><!-- ' + b"x" * 9_000 + b' --><!DOCTYPE a [<!ENTITY b SYSTEM "file:///'
    b'etc/passwd">]><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>&b;</t></si></sst>"
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]><sst><si><t>&j;</t></si></sst>"
)


def pdf(*objects: bytes, packed: bytes = b"") -> bytes:
    """A PDF of these objects; `packed` lies in a compressed one."""
    body = b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
    body += b"2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj\n"
    body += b"".join(b"%d 0 obj %s endobj\n" % (n, each) for n, each in enumerate(objects, 3))
    if packed:
        stream = zlib.compress(packed)
        head = b"9 0 obj <</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>" % len(stream)
        body += head + b"\nstream\n" + stream + b"\nendstream endobj\n"
    return body + b"trailer <</Root 1 0 R>>\n%%EOF\n"


SCRIPTED_PDFS = {
    "script": pdf(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "escaped": pdf(b"<</S/J#61vaScript/J#53(app.alert\\(1\\))>>"),
    "packed": pdf(packed=b"3 0 <</S/JavaScript/JS(app.alert(1))>>"),
    "starts a program": pdf(b"<</S/Launch/F(cmd.exe)>>"),
    "a form language": pdf(b"<</AcroForm<</XFA 4 0 R>>>>"),
}
NOT_PICTURES = {
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="zq()"/>',
    "html": b"<!DOCTYPE html><html><body>" + SCRIPT,
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    "head only": b"\xff\xd8\xff\xe0",
    "a name only": b"\x89PNG\r\n\x1a\n",
    "bmp": b"BM" + b"\0" * 200,
    "bomb": bomb(60_000, 60_000),
    "wide bomb": bomb(2_000_000_000, 2),
    "smaller bomb": bomb(10_000, 10_000),
    "text bomb": text_bomb(),
    "program": b"MZ" + b"\0" * 500,
    "empty": b"",
}
NOT_PAPERS = {
    "program": b"MZ\x90\x00" + b"\0" * 500,
    "elf": b"\x7fELF" + b"\0" * 50,
    "script": b"#!/bin/sh\nrm -rf /\n",
    "archive": archive(a_dot_txt=b"text"),
    "java": b"\xca\xfe\xba\xbe" + b"\0" * 50,
    "zeros": b"\0" * 100,
    "macros": archive(
        **{
            "[Content_Types]_dot_xml": b"<Types/>",
            "word__document_dot_xml": b"<a/>",
            "word__vbaProject_dot_bin": b"x",
        }
    ),
    "old macros": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"),
    "empty": b"",
    "bomb": bomb(60_000, 60_000),
    **{f"pdf with {name}": content for name, content in SCRIPTED_PDFS.items()},
}
NAMES = (
    "plain.pdf",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\drivers.sys",
    'a"; filename="evil.html',
    "a\r\nSet-Cookie: zq=1\r\n\r\n<html>.pdf",
    "\u202efdp.exe",
    "нота \u2066верб\u200b.pdf",
    "a\x00.html",
    "." * 300,
    "x" * 5_000 + ".pdf",
    "con.pdf ",
    ".htaccess",
    "💥.pdf",
    "",
    "=cmd|' /C calc'!A0.csv",
)


def mutants(content: bytes, seed: int, count: int) -> Iterator[bytes]:
    """`count` damaged copies: cut, with bytes changed, doubled, filled; the same for each seed."""
    dice = random.Random(seed)
    for _each in range(count):
        damaged = bytearray(content)
        way = dice.randrange(5)
        place = dice.randrange(max(1, len(damaged)))
        if way == 0:
            del damaged[place:]
        elif way == 1:
            for _place in range(dice.randrange(1, 30)):
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        elif way == 2:
            damaged[place:place] = bytes(damaged[: dice.randrange(1, 400)])
        elif way == 3:
            damaged[place : place + 40] = b"\xff" * 40
        else:
            del damaged[place : place + dice.randrange(1, 200)]
        yield bytes(damaged)
