"""A submission as letter and annex, and the annex come back with decisions."""

import io

import pytest
import python_calamine
import xlsxwriter
from flask_babel import force_locale
from pypdf import PdfReader

from tests.factories import records
from tracker.accreditation import papers, queries
from tracker.accreditation.models import AccreditationStatus, Ground
from tracker.accreditation.operations import submit_observers
from tracker.accreditation.returned import RowDecision, read_returned
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role

REGISTRAR = Actor(1, "Registrar", frozenset({Role.REGISTRAR}))
NAMES = ("KAYA", "=CELIK", "DEMIR")


@pytest.fixture
def submitted(app, session):
    """An election with a submission of three candidates, one of whom has a name like a formula."""
    with app.test_request_context():
        election = records.election(signatory_name="A. Signatory", signatory_position_en="Deputy")
        delegation = records.delegation(election, records.organization(acronym="TURKPA"))
        ids = [
            records.accreditation(
                delegation,
                status=AccreditationStatus.REGISTERED,
                person=records.observer(surname=name, document_number=f"U{number}234567"),
            ).id
            for number, name in enumerate(NAMES)
        ]
        submission = submit_observers(
            actor=REGISTRAR, election=election, accreditation_ids=ids, remark="Urgent."
        )
        db.session.flush()
        yield election, submission


def text_of(document):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Central Election Commission", "3 candidates", "TURKPA", "A. Signatory", "1 page"]),
        ("ru", ["Центральную избирательную комиссию", "3 кандидат", "на 1 странице"]),
        ("kk", ["Орталық сайлау комиссиясына", "3 үміткер", "1 бет"]),
    ],
)
def test_the_letter_presents_the_candidates(submitted, language, said):
    with force_locale(language):
        text = text_of(papers.letter_pdf(papers.paper_of(*submitted, language)))
    flat = " ".join(text.split())
    assert [words for words in said if words not in flat] == []


def test_the_annex_lists_them_in_the_elections_layout(submitted):
    election, _submission = submitted
    with force_locale("en"):
        usual = text_of(papers.annex_pdf(papers.paper_of(*submitted, "en")))
        election.annex_columns = "surname sender"
        short = text_of(papers.annex_pdf(papers.paper_of(*submitted, "en")))
    assert "U0234567" in usual
    assert "KAYA" in short
    assert "U0234567" not in short


def sheet(rows):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def annex(submitted, language="en"):
    with force_locale(language):
        content = papers.annex_xlsx(papers.paper_of(*submitted, language))
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)


def test_no_cell_of_the_annex_is_a_formula(submitted):
    rows = annex(submitted).to_python()
    assert sorted(row[1] for row in rows[1:]) == ["'=CELIK", "DEMIR", "KAYA"]


@pytest.mark.parametrize(
    ("language", "accept", "refuse", "ground"),
    [
        ("en", "Accredit", "refused", "Incomplete documents"),
        ("ru", "аккредитован", "Отказать", "Неполные документы"),
        ("kk", "иә", "жоқ", "Құжаттар толық емес"),
    ],
)
def test_decisions_come_back_in_three_languages(submitted, language, accept, refuse, ground):
    _election, submission = submitted
    rows = annex(submitted, language).to_python()
    place = len(rows[0]) - 4
    names = {row[1].lstrip("'"): row for row in rows[1:]}
    names["KAYA"][place] = accept
    names["DEMIR"][place : place + 2] = [refuse, ground]
    waiting = queries.waiting_candidates(submission.id, "en")
    found = read_returned(sheet(rows), submission_number=submission.number, candidates=waiting)
    assert found.problems == []
    said = {item.name.split()[0]: found.decisions.get(item.item_id) for item in waiting}
    assert said["KAYA"] == RowDecision("accredited")
    assert said["DEMIR"].kind == "refused"
    assert said["DEMIR"].ground in {Ground.INCOMPLETE, Ground.OTHER}
    assert said["=CELIK"] is None


@pytest.mark.parametrize(("language", "former"), [("ru", "Ссылка"), ("kk", "Сілтеме")])
def test_an_annex_given_out_under_a_former_header_is_read(submitted, language, former):
    _election, submission = submitted
    rows = annex(submitted, language).to_python()
    rows[0][-1] = former
    rows[1][len(rows[0]) - 4] = "+"
    waiting = queries.waiting_candidates(submission.id, "en")
    found = read_returned(sheet(rows), submission_number=submission.number, candidates=waiting)
    assert [row.kind for row in found.decisions.values()] == ["accredited"]


def test_rows_sorted_apart_from_their_references_are_not_taken(submitted):
    _election, submission = submitted
    rows = annex(submitted).to_python()
    place = len(rows[0]) - 4
    for row in rows[1:]:
        row[place] = "Accredit"
    rows[1][-1], rows[2][-1] = rows[2][-1], rows[1][-1]
    waiting = queries.waiting_candidates(submission.id, "en")
    found = read_returned(sheet(rows), submission_number=submission.number, candidates=waiting)
    assert [number for number, _message, _params in found.problems] == [2, 3]
    assert len(found.decisions) == 1


def test_the_second_row_of_one_candidate_is_told(submitted):
    _election, submission = submitted
    rows = annex(submitted).to_python()
    place = len(rows[0]) - 4
    rows[1][place] = "Accredit"
    rows.append([*rows[1][:place], "Return", *rows[1][place + 1 :]])
    waiting = queries.waiting_candidates(submission.id, "en")
    found = read_returned(sheet(rows), submission_number=submission.number, candidates=waiting)
    assert [number for number, _message, _params in found.problems] == [len(rows)]
    assert [row.kind for row in found.decisions.values()] == ["accredited"]


def test_an_annex_without_given_names_comes_back(submitted):
    election, submission = submitted
    election.annex_columns = "surname sender"
    rows = annex(submitted).to_python()
    for row in rows[1:]:
        row[len(rows[0]) - 4] = "Accredit"
    rows[1][-1], rows[2][-1] = rows[2][-1], rows[1][-1]
    rows[3][-1] = ""
    waiting = queries.waiting_candidates(submission.id, "en")
    found = read_returned(sheet(rows), submission_number=submission.number, candidates=waiting)
    assert [number for number, _message, _params in found.problems] == [2, 3]
    assert len(found.decisions) == 1


def test_the_letter_counts_senders_in_the_order_of_the_annex(session):
    election = records.election()
    delegations = {
        code: records.delegation(election, records.state(code, name))
        for code, name in {"IN": "Үндістан", "AZ": "Әзербайжан", "BY": "Беларусь"}.items()
    }
    rows = [
        records.accreditation(of, status=AccreditationStatus.REGISTERED)
        for of in delegations.values()
    ]
    made = submit_observers(
        actor=REGISTRAR, election=election, accreditation_ids=[row.id for row in rows]
    )
    with force_locale("kk"):
        paper = papers.paper_of(election, made, "kk")
        listed = list(dict.fromkeys(row.sender for row in paper.rows))
        (group,) = papers._senders(paper)["groups"]
    assert [sender for sender, _number in group["rows"]] == listed
    assert listed != sorted(listed)


def test_a_file_without_decisions_is_refused(submitted):
    _election, submission = submitted
    with pytest.raises(Refused, match="no columns"):
        read_returned(b"Surname;Name\nKAYA;EROL\n", submission_number=1, candidates=[])
    rows = annex(submitted).to_python()
    rows[1][len(rows[0]) - 4] = "perhaps"
    rows[2][len(rows[0]) - 4] = "Refuse"
    waiting = queries.waiting_candidates(submission.id, "en")
    found = read_returned(sheet(rows), submission_number=submission.number, candidates=waiting)
    messages = [message for _number, message, _params in found.problems]
    assert messages == ["“%(text)s” is no decision.", "A refusal needs a ground."]
