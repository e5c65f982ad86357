"""Files that harm nobody: every upload with hostile files, and how what was sent comes back.

The content decides what a file is. Pictures are made anew, programs are refused, names are made
clean, and whatever is given out again is to be kept, never a page of this site.
"""

import gc
import io
import os
import time
import zipfile

import pytest
from PIL import Image

from tests.factories import hostile_files as files
from tests.factories.hostile import problems
from tracker.kernel import clock, tables, uploads
from tracker.kernel.disclosure import Origin
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.kernel.security import ISOLATED
from tracker.kernel.storage import storage
from tracker.kernel.uploads import Kind, named, received
from tracker.observers.intake.files import read_grid
from tracker.observers.intake.pictures import portrait_members, read_member
from tracker.observers.portraits import portrait_from
from tracker.publications.pictures import put_photo

# The parser leaves its temporary file to the collector where it stops in the middle of a body.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
ROUNDS = int(os.environ.get("TRACKER_FUZZ_ROUNDS", "1"))
LIMIT = 12 * 1024 * 1024
E = "/e/kz-2022"


@pytest.fixture(scope="module")
def forms(forms):
    """The forms of all pages that take a file."""
    return {name: each for name, each in forms.items() if each.form.takes_files}


def places(forms):
    """Each field of a file in each form."""
    for endpoint, found in sorted(forms.items()):
        for field in found.form.fields.values():
            if field.kind == "file":
                yield endpoint, found, field.name


def send(client, found, name, content, filename):
    body = {key: values for key, values in found.form.filled().items() if key != name}
    filename = filename.replace("\r", "%0D").replace(
        "\n", "%0A"
    )  # as browsers send them (HTML 4.10)
    return client.post(
        found.address,
        data=body | {name: (io.BytesIO(content), filename)},
        content_type="multipart/form-data",
    )


def test_every_form_with_a_file_is_found(forms):
    expected = {
        "accreditation.register_observer",
        "accreditation.edit_observer",
        "accreditation.returned",
        "credentials.design",
        "delegations.create",
        "delegations.edit",
        "directories.institutions",
        "directories.officials",
        "directories.organizations",
        "lists.receive",
        "logistics.attach_to_request",
        "logistics.import_movements",
        "logistics.import_teams",
        "meetings.attach_document",
        "officials.read_calendar",
        "publications.put_photo",
    }
    lacking = expected - set(forms)
    assert lacking <= {"publications.put_photo", "accreditation.returned"}, lacking


def hostile_contents():
    book = files.workbook([["Surname", "Given names"], ["KAYA", "EROL"]])
    yield from files.NOT_PICTURES.values()
    yield from files.NOT_PAPERS.values()
    yield from (book, files.changed(book, "xl/sharedStrings.xml", files.ENTITIES))
    yield files.changed(book, "xl/sharedStrings.xml", files.LAUGHS)
    yield files.changed(book, "xl/worksheets/sheet1.xml", b"<a" * 100_000)
    yield files.zipped({"xl/../../../../tmp/zq": b"x", "xl/workbook.xml": b"<a/>"})
    yield files.zipped({"xl/a.xml": b" " * 30_000_000})
    yield b"Surname;Given names\n" + b"x;" * 60_000
    yield b"\xff\xfe" + "Surname\t\ud7ff\n".encode("utf-16-le") * 50
    yield b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 3_000
    yield b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:99999999T999999Z\nRRULE:FREQ=SECONDLY\nEND:X"


def test_no_file_breaks_a_form(clients, forms, watched, causes):
    """Each upload with files of every kind, sound and hostile, under hostile names."""
    wrong, count = {}, 0
    contents = list(hostile_contents())
    for place, (endpoint, found, name) in enumerate(places(forms)):
        step = 1 if ROUNDS > 1 else 3  # another third for each form
        for number, content in enumerate(contents[place % step :: step]):
            filename = files.NAMES[(place + number) % len(files.NAMES)] or "a"
            response = send(clients[found.role], found, name, content, filename)
            count += 1
            for problem in problems(response):
                wrong[f"{endpoint}.{name}: {problem}{causes.take()}"] = (content[:20], filename)
        watched.restore()
    gc.collect()
    assert count > 100
    assert not wrong, "\n".join(f"{key}: {said}" for key, said in wrong.items())


def test_a_file_over_the_limit_is_refused_before_it_is_kept(clients, forms, watched):
    large = b"%PDF-1.7" + b"\0" * (26 * 1024 * 1024)
    for endpoint, found, name in places(forms):
        if name == "portraits":  # an archive of hundreds of pictures
            continue
        response = send(clients[found.role], found, name, large, "a.pdf")
        assert response.status_code in {413, 422}, endpoint
        assert not watched.is_changed, endpoint
    gc.collect()


@pytest.mark.parametrize("name", files.NOT_PICTURES)
def test_what_is_no_picture_is_refused_quickly(app, name):
    start = time.process_time()
    for take in (portrait_from, put_photo):
        with pytest.raises(Refused) as refusal:
            take(files.NOT_PICTURES[name])
        assert refusal.value.field in {"portrait", "photo"}
    assert time.process_time() - start < 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_keeps_its_pixels_and_nothing_else(app, kind):
    """Neither the place where it was taken, nor the camera, nor what hides behind it."""
    sent = files.picture(kind, with_place=True) + files.SCRIPT + files.archive(a=b"zq")
    with Image.open(io.BytesIO(sent)) as image:
        assert image.getexif()
    kept = [portrait_from(sent), storage.get(put_photo(sent))]
    kept.append(received(sent, f"a.{kind.lower()}", largest=LIMIT, field="f").content)
    for content in kept:
        assert b"zq" not in content
        assert b"Exif" not in content
        assert b"script" not in content
        assert not zipfile.is_zipfile(io.BytesIO(content))
        with Image.open(io.BytesIO(content)) as image:
            assert not image.getexif()
            assert not set(image.info) & {"exif", "comment", "xmp", "icc_profile"}


def test_a_picture_is_turned_upright(app):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    buffer = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(buffer, "JPEG", exif=exif)
    kept = received(buffer.getvalue(), "a.jpg", largest=LIMIT, field="f").content
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (600, 900)


@pytest.mark.parametrize("name", files.NOT_PAPERS)
def test_what_runs_by_itself_is_no_paper(name):
    with pytest.raises(Refused) as refusal:
        received(files.NOT_PAPERS[name], "a.pdf", largest=LIMIT, field="document")
    assert refusal.value.field == "document"


PAPERS = {
    "pdf": (files.pdf(b"<</OpenAction[2 0 R/Fit]>>"), Kind.PDF),
    "docx": (
        files.zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}),
        Kind.DOCX,
    ),
    "xlsx": (files.workbook([["a"]]), Kind.XLSX),
    "odt": (
        files.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
        Kind.ODT,
    ),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Kind.OLD_OFFICE),
    "txt": ("Нота\r\n\tвербальная\n".encode(), Kind.TEXT),
    "csv": ("Фамилия;Имя".encode("cp1251"), Kind.TEXT),
    "utf-16": ("Нота".encode("utf-16"), Kind.TEXT),
    "jpg": (files.picture("JPEG"), Kind.JPEG),
    "png": (files.picture("PNG"), Kind.PNG),
    "webp": (files.picture("WEBP"), Kind.WEBP),
}


@pytest.mark.parametrize("name", PAPERS)
def test_papers_are_known_by_their_content(name):
    content, kind = PAPERS[name]
    found = received(content, f"нота.{name}", largest=LIMIT, field="document")
    assert found.kind is kind
    assert found.name.startswith("нота")
    if kind not in uploads.PICTURES:
        assert found.content == content


@pytest.mark.parametrize(
    ("sent", "kind", "kept"),
    [
        ("Нота.PDF", Kind.PDF, "Нота.pdf"),
        ("photo.jpeg", Kind.JPEG, "photo.jpeg"),
        ("evil.html", Kind.TEXT, "evil.txt"),
        ("evil.svg", Kind.PNG, "evil.png"),
        ("evil.pdf.exe", Kind.PDF, "evil.pdf.pdf"),
        ("table.csv", Kind.TEXT, "table.csv"),
        ("../../etc/passwd", Kind.TEXT, "passwd.txt"),
        ("C:\\Users\\me\\нота.doc", Kind.OLD_OFFICE, "нота.doc"),
        ("a\r\nb.pdf", Kind.PDF, "a b.pdf"),
        ("\u202efdp.exe", Kind.PDF, "fdp.pdf"),
        (".htaccess", Kind.TEXT, "htaccess.txt"),
        ("...", Kind.PDF, "document.pdf"),
        ("", Kind.PDF, "document.pdf"),
        ("x" * 400 + ".pdf", Kind.PDF, "x" * 150 + ".pdf"),
    ],
)
def test_a_name_is_made_clean_and_its_ending_true(sent, kind, kept):
    assert named(sent, kind) == kept


def test_what_comes_back_is_to_be_kept_and_is_never_a_page(clients, forms, known, watched):
    """HTML sent as a PDF, and names that would break out of a header."""
    ways = {
        "meetings.attach_document": (
            f"{E}/meetings/{known.values['meeting_id']}/documents/",
            Role.OFFICIAL,
        ),
        "logistics.attach_to_request": (
            f"{E}/requests/{known.values['assistance_id']}/attachments/",
            Role.REGISTRAR,
        ),
    }
    for endpoint, (path, reader) in ways.items():
        found = forms[endpoint]
        for number, filename in enumerate(files.NAMES):
            content = b"<html>%d" % number + files.SCRIPT
            answer = send(clients[found.role], found, "document", content, filename or "a")
            assert answer.status_code == 302, filename
            page = None
            for key in range(1, 60):
                response = clients[reader].get(f"{path}{key}")
                if response.status_code == 200 and response.data == content:
                    page = response
            assert page is not None, filename
            check_isolated(page)
            watched.restore()


def check_isolated(response):
    said = response.headers
    assert said["Content-Disposition"].startswith("attachment"), said
    assert response.mimetype == "application/octet-stream"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Content-Security-Policy"] == ISOLATED
    assert said["Cache-Control"] == "private, no-store"
    for bad in ("\r", "\n", "/", "\\", "..", "\u202e", ".html", ".exe"):
        assert bad not in said["Content-Disposition"], said["Content-Disposition"]
    assert said["Content-Disposition"].count('"') in {0, 2}
    assert "zq" not in said.get("Set-Cookie", "")


def test_the_scan_of_a_note_comes_back_as_a_file_that_nobody_keeps(app, clients, known):
    path = f"{E}/delegations/{known.values['delegation_id']}/note-verbale"
    check_isolated(clients[Role.REGISTRAR].get(path))


def test_pictures_come_back_alone(app, clients, known):
    """Opened in a window of its own, a portrait runs nothing and is not of this site."""
    values = known.values
    for role, path in (
        (Role.REGISTRAR, f"{E}/observers/{values['accreditation_id']}/portrait"),
        (Role.REGISTRAR, f"{E}/certificates/{values['certificate_id']}/portrait"),
        (Role.COORDINATOR, f"{E}/press-notes/{values['publications.note_id']}/photo"),
        (Role.FOCAL_POINT, f"/verify/portraits/{values['reference']}"),
        (Role.FOCAL_POINT, f"/en/e/kz-2022/press-notes/1/{values['photo']}.jpg"),
    ):
        response = clients[role].get(path)
        assert response.status_code == 200, path
        assert response.mimetype == "image/jpeg"
        assert response.data.startswith(b"\xff\xd8\xff")
        assert response.headers["Content-Security-Policy"] == ISOLATED
        assert response.headers["X-Content-Type-Options"] == "nosniff"


BOOK = files.workbook([["Surname", "Given names", "Citizenship"], ["KAYA", "EROL", "TR"]] * 3)
HOSTILE_BOOKS = {
    "entities after a long comment": files.changed(BOOK, "xl/sharedStrings.xml", files.ENTITIES),
    "a billion laughs": files.changed(BOOK, "xl/sharedStrings.xml", files.LAUGHS),
    "entities in UTF-16": files.changed(
        BOOK, "xl/sharedStrings.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode("utf-16")
    ),
    "a bomb": files.zipped({"xl/workbook.xml": b"<a/>", "xl/a.bin": b"\0" * 340_000_000}),
    "too many members": files.zipped({f"xl/{number}": b"" for number in range(5_001)}),
    "no spreadsheet": files.archive(a_dot_txt=b"a"),
    "cut": BOOK[: len(BOOK) // 2],
    "head only": BOOK[:30],
    "old and broken": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5_000,
    "a picture": files.picture("JPEG"),
    "a paper": files.pdf(),
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE_BOOKS)
def test_a_hostile_spreadsheet_is_refused(name):
    with pytest.raises(Refused):
        read_grid(HOSTILE_BOOKS[name])


def test_no_member_of_an_archive_is_written_anywhere(tmp_path, monkeypatch):
    """Names that climb out of a folder: members are read in memory only."""
    monkeypatch.chdir(tmp_path)
    sent = files.zipped({"../../zq.jpg": files.picture("JPEG"), "/tmp/zr.png": b"x", "a.txt": b""})
    members = portrait_members(sent)
    assert sorted(members.values()) == ["../../zq.jpg", "/tmp/zr.png"]
    assert read_member(sent, "../../zq.jpg").startswith(b"\xff\xd8")
    assert not list(tmp_path.rglob("*"))
    assert not os.path.exists("/tmp/zr.png")


def test_damaged_files_are_refused_and_nothing_else():
    """Whatever is cut out, changed or doubled in a sound file: taken, or refused in words."""
    sound = {
        portrait_from: [files.picture(kind, with_place=True) for kind in ("JPEG", "PNG", "WEBP")],
        lambda content: received(content, "a", largest=LIMIT, field="f"): [
            files.pdf(packed=b"3 0 <</a 1>>"),
            PAPERS["docx"][0],
            PAPERS["odt"][0],
            files.picture("PNG"),
        ],
        lambda content: [
            read_member(content, each) for each in portrait_members(content).values()
        ]: [files.zipped({"a.jpg": files.picture("JPEG"), "b.png": b"x" * 900})],
    }
    taken, refused = 0, 0
    for take, contents in sound.items():
        for seed, content in enumerate(contents):
            for damaged in files.mutants(content, seed, 40 * ROUNDS):
                try:
                    take(damaged)
                    taken += 1
                except Refused:
                    refused += 1
    assert taken > 20
    assert refused > 20


def test_damaged_spreadsheets_are_refused_and_nothing_else():
    for damaged in files.mutants(BOOK, 5, 12 * ROUNDS):
        try:
            read_grid(damaged)
        except Refused:
            continue


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1+1", "＝1+1", "＋1", "＠A1"],
)
def test_no_exported_cell_is_a_formula(app, text):
    column = tables.Column("a", "A", lambda row: row)
    assert tables.plain(text).startswith("'")
    origin = Origin(name="list", who="Ann", at=clock.now(), mark="7K2M-QX9D")
    with app.test_request_context():
        file = io.BytesIO()
        tables.write_csv(file, [column], [text], origin)
    line = file.getvalue().decode("utf-8-sig").splitlines()[1]
    assert line.lstrip('"').startswith("'")
    file = io.BytesIO()
    tables.write_workbook(file, [column], [text], "=A")
    with zipfile.ZipFile(file) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
