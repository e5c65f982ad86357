"""`tracker credential`: badges checked with files alone, and the lists of an installation."""

import io
import json

import pytest
from click.testing import CliRunner
from PIL import Image

from tests.factories.codes import picture_of
from tests.factories.vectors import PATH
from tests.journeys.demonstration import demonstration, environment
from tracker.cli import main
from tracker.kernel.database import db

VECTORS = json.loads(PATH.read_text(encoding="utf-8"))
TEXTS = {case["name"]: case["text"] for case in VECTORS["cases"]}
GOOD, REVOKED = TEXTS["a valid certificate"], TEXTS["on the list: revoked"]
AT = "2022-11-18T06:00"


@pytest.fixture
def held(tmp_path):
    """Options that name the two lists."""
    keys, revocations = tmp_path / "keys", tmp_path / "list"
    keys.write_bytes(bytes.fromhex(VECTORS["keys"]["current"]))
    revocations.write_bytes(bytes.fromhex(VECTORS["lists"]["fresh"]))
    return ["--keys", str(keys), "--list", str(revocations), "--at", AT]


def check(*arguments, **options):
    # No installation: whatever asks for one fails.
    environment = {"TRACKER_INSTANCE": "/nowhere", "TRACKER_DATABASE_URL": "nonsense://"}
    found = CliRunner().invoke(
        main, ["credential", "verify", *arguments], env=environment, **options
    )
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def pdf_of(*texts):
    pages = [Image.open(io.BytesIO(picture_of(text))).convert("RGB") for text in texts]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    return buffer.getvalue()


def test_a_text_is_checked(held):
    found = check(GOOD, *held)
    assert found.exit_code == 0
    assert found.output.startswith("VALID | 000641 | OEZDEMIR AYSE NUR | TURKPA | long term")
    assert "list 0.0 h old" in found.output
    assert check("-", *held, input=GOOD + "\n").exit_code == 0


def test_pictures_and_documents_are_read(held, tmp_path):
    picture, paper = tmp_path / "badge.png", tmp_path / "badges.pdf"
    picture.write_bytes(picture_of(GOOD))
    paper.write_bytes(pdf_of(GOOD, REVOKED))
    assert check(str(picture), *held).exit_code == 0
    found = check(str(paper), *held, "--format", "json")
    assert [json.loads(line)["reason"] for line in found.output.splitlines()] == [None, "revoked"]
    assert found.exit_code == 1


def test_the_exit_code_tells(held):
    assert check(GOOD, REVOKED, *held).exit_code == 1
    assert check(GOOD, *held[:2], "--at", AT).exit_code == 3  # no list
    assert check(GOOD, *held, "--election", "kz-2019").exit_code == 1
    assert check(GOOD, *held, "--trusted", "00" * 8).exit_code == 1
    assert check(GOOD, "--keys", "/nowhere").exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"%PDF-1.7\nnothing",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
        pdf_of(GOOD)[:300],
    ],
    ids=["empty", "text", "no PDF", "no PNG", "cut off"],
)
def test_damaged_files_get_one_line(held, tmp_path, content):
    path = tmp_path / "damaged"
    path.write_bytes(content)
    found = check(str(path), *held)
    assert found.exit_code == 1
    assert found.output.count("\n") == 1


def test_a_picture_without_a_code_a_folder_and_a_flood_of_text(held, tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("L", (200, 200), 255).save(blank)
    assert "no code was found" in check(str(blank), *held).output
    assert check(str(tmp_path), *held).exit_code == 1
    found = check("-", *held, input="EOC1:" + "A" * 1_000_000)
    assert "This is not the code of an observer’s certificate." in found.output
    assert check("EOC1:" + "A" * 100_000, *held).exit_code == 1


def test_lists_that_nobody_vouches_for_are_refused(held, tmp_path):
    swapped = ["--keys", held[3], "--list", held[1], "--at", AT]
    found = check(GOOD, *swapped)
    assert found.exit_code == 1
    assert found.output.count("\n") == 1


def test_an_installation_gives_its_lists(tmp_path):
    app = demonstration(tmp_path / "installation")
    with app.app_context():
        db.engine.dispose()
    around = environment(tmp_path / "installation")
    keys, revocations = tmp_path / "keys", tmp_path / "list"
    for arguments in (("keys", str(keys)), ("list", "kz-2022", str(revocations))):
        found = CliRunner().invoke(main, ["credential", *arguments], env=around)
        assert found.exit_code == 0, found.output
    found = check(GOOD, "--keys", str(keys), "--list", str(revocations), "--at", AT)
    assert "The Ministry did not sign this code." in found.output
