"""Documents print what they were given: every letter, in order, as text, on the right pages."""

import copy
import io
from datetime import UTC, datetime

import pytest
import typst
from PIL import ImageFont
from pypdf import PdfReader

from tracker.kernel import clock, printing
from tracker.kernel.printing import FONTS, Unprintable, page_count, render_pdf

LETTER = {
    "sender": ["Ministry of Foreign Affairs", "of the Republic of Kazakhstan"],
    "contact": ["31 Kunayev Street, Astana 010000"],
    "reference": ["No. 12/4-1187", "10 November 2022"],
    "addressee": ["To the Central Election Commission", "of the Republic of Kazakhstan"],
    "subject": "Accreditation of international observers",
    "paragraphs": ["The Ministry presents 327 candidates.", "Their documents are complete."],
    "list": {
        "columns": ["Sent by", "Candidates"],
        "groups": [
            {"title": "International organizations", "rows": [["OSCE/ODIHR", "318"]]},
            {"title": "Foreign states", "rows": [["Türkiye", "9"]]},
        ],
        "total": ["Total", "327"],
    },
    "closing": ["Headquarters answers questions within a working day."],
    "annex": "Annex: list of 327 candidates on 9 pages.",
    "signature": {"position": ["Deputy Minister"], "name": "A. Signatory"},
    "contact_person": ["Prepared by: Q. Registrar"],
    "running": "No. 12/4-1187 of 10 November 2022",
    "page": "Page {page} of {pages}",
}
ANNEX = {
    "running": "Submission No. 4 of 10 November 2022",
    "page": "Page {page} of {pages}",
    "heading": "Candidates for accreditation",
    "paragraphs": ["Presidential election, 20 November 2022"],
    "columns": [
        {"key": "position", "label": "No.", "width": 1, "align": "right"},
        {"key": "name", "label": "Surname and names", "width": 6},
        {"key": "sender", "label": "Sent by", "width": 4},
    ],
    "rows": [["1", "Ahmet Yılmaz", "Türkiye"]],
    "closing": ["Total: 1 candidate."],
    "signature": {"position": ["Deputy Minister"], "name": "A. Signatory"},
}


def letter(language="en", **changes):
    data = copy.deepcopy(LETTER) | changes
    return render_pdf("submission_letter", data, language=language, title="Submission No. 4")


def annex(language="en", **changes):
    data = copy.deepcopy(ANNEX) | changes
    return render_pdf("submission_annex", data, language=language, title="Annex")


def named(*names):
    return [[str(place), name, "Türkiye"] for place, name in enumerate(names, start=1)]


def pages_of(document):
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


def words_of(document):
    """All text on all pages, lines joined: where they break is not the point."""
    return " ".join(" ".join(pages_of(document)).split())


def fonts_of(document):
    reader = PdfReader(io.BytesIO(document))
    return {
        font.get_object()["/BaseFont"].split("+")[-1]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }


def in_order(text, parts):
    place = 0
    for part in parts:
        place = text.index(part, place) + len(part)


@pytest.mark.parametrize("make", [letter, annex])
def test_a_document_is_accessible_and_archivable(make):
    document = make("kk")
    assert document.startswith(b"%PDF-")
    reader = PdfReader(io.BytesIO(document))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "kk"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    statement = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in statement
    assert "<pdfaid:part>2</pdfaid:part>" in statement
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in statement


def test_the_title_and_the_moment_are_those_given():
    with clock.at(datetime(2022, 11, 10, 6, 0, 30, 5, tzinfo=UTC)):
        told = PdfReader(io.BytesIO(letter())).metadata
        assert letter() == letter()
    assert told.title == "Submission No. 4"
    assert told.creation_date == datetime(2022, 11, 10, 6, 0, 30, tzinfo=UTC)


def test_a_letter_reads_from_sender_to_signature():
    document = letter()
    assert page_count(document) == 1
    in_order(
        words_of(document),
        [
            "Ministry of Foreign Affairs of the Republic of Kazakhstan",
            "31 Kunayev Street",
            "No. 12/4-1187 10 November 2022",
            "To the Central Election Commission",
            "Accreditation of international observers",
            "presents 327 candidates.",
            "documents are complete.",
            "Sent by Candidates",
            "International organizations OSCE/ODIHR 318",
            "Foreign states Türkiye 9",
            "Total 327",
            "within a working day.",
            "Annex: list of 327 candidates on 9 pages.",
            "Deputy Minister A. Signatory",
            "Prepared by: Q. Registrar",
        ],
    )


def test_a_long_letter_says_on_its_second_page_which_letter_it_is():
    rows = [[f"Organization {number}", str(number)] for number in range(1, 61)]
    groups = [{"title": "Organizations", "rows": rows}]
    first, second, *more = pages_of(letter(list=LETTER["list"] | {"groups": groups}))
    assert "Page 1 of" not in first
    assert "No. 12/4-1187 of 10 November 2022" in second
    assert "Page 2 of" in second
    in_order(second, ["Sent by", "Candidates", "Organizations", "Organization 3"])  # heads again
    assert "A. Signatory" in (more or [second])[-1]


def test_parts_that_are_empty_leave_nothing_behind():
    text = words_of(letter(contact=[], contact_person=[], closing=[]))
    assert "Prepared by" not in text
    unsigned = words_of(annex(signature=None, closing=[], paragraphs=[], rows=[]))
    assert unsigned.endswith("No. Surname and names Sent by")


HOSTILE = [
    "#panic()",
    '#read("/etc/passwd")',
    "*x* _y_ `z`",
    "$ x^2 $",
    r"\ \u{41} \#",
    "<label> @reference",
    "= heading",
    "- item // comment /* comment */",
    "[content] {code}; let",
    'it\'s "quoted" -- ... ~',
    "https://example.org",
    '"}, "columns": []',
    "{page} {pages}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_markup_prints_as_it_is_written(text):
    assert text in words_of(annex(rows=named(text)))
    everywhere = letter(
        subject=text,
        paragraphs=[text],
        sender=[text],
        signature={"position": [text], "name": text},
        list=LETTER["list"] | {"groups": [{"title": text, "rows": [[text, "1"]]}]},
    )
    assert words_of(everywhere).count(text) == 7


NAMES = [
    "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі",
    "Өмірзақова Ғалия Бақытқызы",
    "Щербаков Юрий Артёмович, съезд № 5 — «Ъ» 1 000 ₸ – 2",
    "Əhmədov Məmmədəli Ələsgər oğlu",
    "Erdoğan Işık İpek Çağrı Şahin Ünsal Öztürk",
    "Łukasz Żółć-Świątek, Gęślą Jaźń",
    "Čapek Řehoř Ștefănescu Țîrlea Kőszegi Űrhajós Ķirsis Šķēle",
    "Oʻktam Gʻulom qizi",
    "Їжакевич Ґалаґан, Сафарзода Ҳикмат Ҷӯраев, Ђоковић",
    "1234567890 “a” „b” ‘c’ … § × − € ‑ ’",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_name_is_drawn_by_one_font_and_can_be_copied(name, language):
    document = annex(language, rows=named(name))
    assert " ".join(name.split()) in words_of(document)
    assert fonts_of(document) == {"GolosText-Regular", "GolosText-Bold"}


@pytest.mark.parametrize("face", ["Regular", "Bold"])
def test_letters_with_a_mark_are_not_drawn_as_their_bases(face):
    font = ImageFont.truetype(FONTS / f"GolosText-{face}.ttf", 64)
    for pair in ("ğg", "ĞG", "ŭu", "ŬU", "ăa", "şs", "ңн", "қк", "ғг", "ұү", "өо", "йи", "ёе"):
        marked, base = (bytes(font.getmask(letter)) for letter in pair)
        assert marked != base, pair


def test_letters_of_other_alphabets_come_from_the_fonts_of_the_program():
    document = annex(rows=named("Phạm Thị Hương", "Παπαδόπουλος"))
    text = words_of(document)
    assert "Phạm Thị Hương" in text
    assert "Παπαδόπουλος" in text
    assert fonts_of(document) >= {"GolosText-Regular", "GolosText-Bold"}


def test_letters_that_no_font_draws_are_named_and_nothing_is_printed():
    with pytest.raises(Unprintable) as refused:
        annex(rows=named("Ahmet", "王小明", "王"))
    assert sorted(refused.value.letters) == sorted("王小明")


def test_invisible_characters_do_not_turn_a_name_round():
    text = words_of(annex(rows=named("Ali\u202enevE\u202c Ka\u200bya\x07", "Çag\u0306rı")))
    assert "AlinevE Kaya" in text
    assert "Çağrı" in text  # composed


def test_a_thousand_rows_keep_their_heading_on_every_page_and_none_is_lost():
    rows = [[str(number), f"Surname{number:04}", "OSCE/ODIHR"] for number in range(1, 1001)]
    document = annex(rows=rows)
    pages = pages_of(document)
    assert page_count(document) == len(pages)
    assert 20 <= len(pages) <= 34  # 30 to 50 rows a page
    for number, text in enumerate(pages, start=1):
        assert "Submission No. 4 of 10 November 2022" in text
        assert f"Page {number} of {len(pages)}" in text
        has_rows = "OSCE/ODIHR" in text
        assert text.count("Surname and names") == has_rows
        assert has_rows or number == len(pages)  # a last page may hold the signature alone
    in_order(" ".join(pages), [row[1] for row in rows])
    assert sum(text.count("OSCE/ODIHR") for text in pages) == 1000


def test_a_long_name_wraps_inside_its_own_cell():
    long = "Maria Fernanda " * 12
    text = words_of(annex(rows=named(long, "Next")))
    in_order(text, ["1", long.strip(), "Türkiye", "2", "Next"])


def test_a_row_with_a_cell_too_few_is_not_printed():
    with pytest.raises(typst.TypstError):
        annex(rows=[["1", "Ahmet"], ["2", "Ayşe", "Türkiye"]])


def test_a_template_reads_nothing_outside_its_folder(tmp_path, monkeypatch):
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "print").mkdir()
    monkeypatch.setattr(printing, "project_folder", lambda name: tmp_path)
    template = tmp_path / "print" / "curious.typ"
    for path in ("../secret.txt", "/../secret.txt", str(tmp_path / "secret.txt")):
        template.write_text(f'#read("{path}")', encoding="utf-8")
        with pytest.raises(typst.TypstError, match="access|not found|escape"):
            render_pdf("curious", {}, language="en", title="Curious")


@pytest.mark.parametrize("name", ["../secret", "submission_letter.typ", "", "a/b"])
def test_only_a_template_of_the_folder_is_taken(name):
    with pytest.raises(ValueError, match="not a name of a template"):
        render_pdf(name, {}, language="en", title="Anything")


def test_the_pages_of_something_else_are_not_counted():
    with pytest.raises(ValueError, match="not a document"):
        page_count(b"%PDF-1.7")
