"""Certificates on paper: what they say, that their codes are read, and in which order."""

import io
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from tests.factories import records
from tests.factories.codes import codes_in, pages_of
from tests.factories.portraits import portrait
from tests.factories.vectors import FIRST, HOLDER
from tracker.accreditation.models import AccreditationStatus, Function
from tracker.credentials import design, operations, queries
from tracker.credentials.credential import Credential
from tracker.credentials.models import CertificateDesign, PaperKind
from tracker.credentials.papers import BADGE_CODE, PIECE, hand_over_sheet, print_certificates
from tracker.credentials.qr import LARGEST_VERSION, qr_drawing, side_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.storage import storage

LEAST_CODE = 35  # mm


@pytest.fixture
def election(session):
    return records.election()


def issued(election, *people, sender=None, function=Function.LONG_TERM_OBSERVER):
    """Certificates of people of one delegation."""
    delegation = records.delegation(election, sender)
    rows = [
        records.accreditation(
            delegation,
            status=AccreditationStatus.ACCREDITED,
            person=records.observer(portrait=portrait(), **values),
            function=function,
        )
        for values in people
    ]
    made = operations.issue_certificates(
        actor=SYSTEM, election=election, accreditation_ids=[row.id for row in rows]
    )
    return queries.certificates_with(election.id, made.ids)


def words(pdf):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_a_badge_says_who_and_its_code_is_read_back(election, tmp_path):
    [row] = issued(election, {"surname": "ÖZDEMİR", "given_names": "AYŞE", "native_name": "Айше"})
    pdf = print_certificates(election, [row], PaperKind.BADGES)
    front, back = words(pdf)
    for text in ("ÖZDEMİR", "AYŞE", "Айше", row.number, "LONG-TERM OBSERVER", "01.11.2022"):
        assert text in front
    assert row.number in back
    assert row.portrait[:8] in back
    _front, picture = pages_of(pdf)
    assert codes_in(picture) == [row.credential]
    path = tmp_path / "badge.png"
    picture.save(path)
    command = ["zbarimg", "--quiet", "--raw", "-S*.enable=0", "-Sqr.enable=1", str(path)]
    read = subprocess.run(command, capture_output=True, check=True)
    assert read.stdout.decode().rstrip("\n") == row.credential


def test_the_printed_portrait_is_what_was_signed(election):
    [row] = issued(election, {})
    [image] = (
        PdfReader(io.BytesIO(print_certificates(election, [row], PaperKind.BADGES))).pages[0].images
    )
    # The JPEG itself lies in the document, byte by byte.
    assert storage.get(row.portrait) in print_certificates(election, [row], PaperKind.BADGES)
    assert Image.open(io.BytesIO(image.data)).size == (300, 400)


def test_sheets_hold_four_and_each_back_lies_behind_its_front(election):
    rows = issued(election, *({"surname": f"NAME{letter}"} for letter in "ABCDE"))
    pdf = print_certificates(election, rows, PaperKind.SHEETS)
    first, first_back, second, _second_back = words(pdf)
    assert all(f"NAME{letter}" in first for letter in "ABCD")
    assert "NAMEE" in second
    assert all(row.number in first_back for row in rows[:4])
    _front, back, *_rest = pages_of(pdf)
    width, height = back.size
    left = codes_in(back.crop((0, 0, width // 2, height // 2)))
    right = codes_in(back.crop((width // 2, 0, width, height // 2)))
    # Turned over its long edge, what lay left lies right.
    assert (right, left) == ([rows[0].credential], [rows[1].credential])


def test_the_certificate_speaks_three_languages(election):
    [row] = issued(election, {"citizenship": "TR"})
    pdf = print_certificates(election, [row], PaperKind.CERTIFICATES)
    [text] = words(pdf)
    for said in ("Байқаушы куәлігі", "Удостоверение наблюдателя", "Observer’s certificate"):
        assert said in text
    assert codes_in(pages_of(pdf)[0]) == [row.credential]


def test_support_staff_are_told_apart_in_words(election):
    [row] = issued(election, {}, function=Function.DRIVER)
    front, _back = words(print_certificates(election, [row], PaperKind.BADGES))
    assert "SUPPORT STAFF" in front
    assert "DRIVER" in front


def test_delegations_lie_together_sorted_by_name(election):
    later = records.organization(name="Zulu Observers", acronym="ZO")
    first = records.organization(name="Alpha Observers", acronym="AO")
    rows = issued(election, {"surname": "ALMOND"}, {"surname": "BIRCH"}, sender=later)
    rows += issued(election, {"surname": "DAHLIA"}, {"surname": "CEDAR"}, sender=first)
    pages = words(print_certificates(election, rows, PaperKind.BADGES))[::2]
    found = [
        next(name for name in ("ALMOND", "BIRCH", "CEDAR", "DAHLIA") if name in page)
        for page in pages
    ]
    assert found == ["CEDAR", "DAHLIA", "ALMOND", "BIRCH"]


def test_many_are_printed_in_pieces_that_join(election, monkeypatch):
    monkeypatch.setattr("tracker.credentials.papers.PIECE", 2)
    rows = issued(election, *({"surname": f"NAME{letter}"} for letter in "ABCDE"))
    told = []
    pdf = print_certificates(election, rows, PaperKind.BADGES, progress=told.append)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 10
    assert told == [2, 4, 5]
    assert 10 <= PIECE <= 100


@pytest.mark.parametrize(
    "names",
    [
        {"surname": "ABDRAKHMANOV-KONSTANTINOPOLSKY VON UND ZU LANGENFELDEN", "given_names": "X"},
        {"surname": "", "given_names": "SUKARNO"},
        {"surname": "Ғ" * 60, "given_names": "Ұ" * 60, "native_name": "ქართული სახელი"},
        {"surname": "中田", "given_names": "陽子"},  # no font of the program draws these
        {"surname": "#strong[*x*]", "given_names": "$x^2$ \\ // @ref"},
    ],
    ids=["long", "one name", "other alphabets", "undrawable", "markup"],
)
def test_no_name_stops_a_badge(election, names):
    [row] = issued(election, names)
    for paper in PaperKind:
        pdf = print_certificates(election, [row], paper)
        assert any(codes_in(page) == [row.credential] for page in pages_of(pdf, 150)), paper


def test_a_portrait_that_is_gone_stops_no_badge(election):
    [row] = issued(election, {})
    storage.delete(row.portrait)
    front, _back = words(print_certificates(election, [row], PaperKind.BADGES))
    assert row.number in front


names = st.text(st.characters(codec="utf-8"), max_size=100)


@given(names, names, st.text(max_size=100))
def test_the_code_stays_coarse_enough(surname, given_names, organization):
    values = {"surname": surname, "given_names": given_names, "organization": organization}
    text = FIRST.text(Credential(**{**vars(HOLDER), **values}))
    side = int(qr_drawing(text).split('viewBox="0 0 ')[1].split()[0])
    assert side <= side_of(LARGEST_VERSION)
    assert BADGE_CODE >= LEAST_CODE


def test_the_list_to_sign_names_everybody(election):
    rows = issued(election, {"surname": "AA"}, {"surname": "BB"})
    [text] = words(hand_over_sheet(election, rows, "ru"))
    for row in rows:
        assert row.number in text
    assert "2 удостоверения" in text


def test_the_list_to_sign_has_its_senders_in_the_order_of_its_language(election):
    rows = []
    for name_en, name_ru, name_kk in (
        ("Hungary", "Венгрия", "Венгрия"),
        ("Azerbaijan", "Азербайджан", "Әзірбайжан"),
        ("United Kingdom", "Великобритания", "Ұлыбритания"),
    ):
        sender = records.organization(name_en=name_en, name_ru=name_ru, name_kk=name_kk)
        rows += issued(election, {"surname": name_en.upper()}, sender=sender)
    for language, expected in (
        ("en", ["Azerbaijan", "Hungary", "United Kingdom"]),
        ("ru", ["Азербайджан", "Великобритания", "Венгрия"]),
        ("kk", ["Әзірбайжан", "Венгрия", "Ұлыбритания"]),
    ):
        text = "".join(words(hand_over_sheet(election, rows, language)))
        assert sorted(expected, key=text.index) == expected


def details(**values):
    empty = {"heading": {}, "note": {}, "colors": {}}
    return operations.DesignDetails(**empty | values)


def save(election, seen_version=0, emblem=None, **values):
    return operations.save_design(
        actor=SYSTEM,
        election=election,
        details=details(**values),
        emblem=emblem,
        seen_version=seen_version,
    )


def picture(kind="PNG", size=(300, 200)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "#246").save(buffer, kind)
    return buffer.getvalue()


def test_an_election_has_its_own_design(election):
    [row] = issued(election, {})
    save(
        election,
        emblem=picture("JPEG"),
        heading={"en": "Commission of Elections"},
        note={"kk": "Ескертпе"},
        colors={"long_term": "#204020"},
    )
    found = design.design_of(election.id)
    assert found.emblem.startswith(b"\x89PNG")
    assert (found.colors["long_term"], found.is_broken) == ("#204020", False)
    front, back = words(print_certificates(election, [row], PaperKind.BADGES))
    assert "Commission of Elections" in front
    assert "Ескертпе" in back
    with pytest.raises(Stale):
        save(election, seen_version=99)


@pytest.mark.parametrize("color", ["#ffffff", "#9aa", "red", "#zzzzzz"])
def test_a_colour_must_carry_white_words(election, color):
    with pytest.raises(Refused) as refusal:
        save(election, colors={"head": color})
    assert refusal.value.field == "color_head"


@pytest.mark.parametrize("upload", [b"", b"<svg/>", b"\x89PNG\r\n", b"x" * 2_000_000])
def test_an_emblem_is_a_picture(election, upload):
    with pytest.raises(Refused) as refusal:
        save(election, emblem=upload)
    assert refusal.value.field == "emblem"


@pytest.mark.parametrize("content", [None, b"no picture any more"])
def test_a_broken_design_never_stops_printing(election, content):
    [row] = issued(election, {})
    key = storage.put(content) if content else "0" * 64
    db.session.add(CertificateDesign(election_id=election.id, emblem=key, color_head="#ffffff"))
    db.session.flush()
    found = design.design_of(election.id)
    assert (found.emblem, found.is_broken) == (None, True)
    assert found.colors["head"] == design.COLORS["head"]
    front, _back = words(print_certificates(election, [row], PaperKind.BADGES))
    assert row.number in front


def test_every_default_colour_carries_white_words():
    assert all(design.is_usable(color) for color in design.COLORS.values())
    assert set(design.GROUP_OF) == set(Function)
