"""A submission on paper: the letter to the commission and its annex, in three languages.

The annex goes out as PDF, to be signed, and as a spreadsheet, in which the commission may write
its decisions; `returned` reads it when it comes back.
"""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.accreditation import queries
from tracker.accreditation.labels import DECISIONS, FUNCTIONS, GROUNDS
from tracker.accreditation.models import Submission
from tracker.accreditation.rules import GROUNDS_OF_REFUSAL
from tracker.elections.labels import ANNEX_COLUMNS
from tracker.elections.models import AnnexColumn, Election
from tracker.elections.rules import annex_columns
from tracker.kernel import clock, tables
from tracker.kernel.days import dated
from tracker.kernel.disclosure import current_origin
from tracker.kernel.i18n import localized, ngettext
from tracker.kernel.printing import page_count, render_pdf
from tracker.observers.labels import DOCUMENTS, SEXES
from tracker.organizations.models import OrganizationKind
from tracker.organizations.states import citizenship_name, state_name

WIDTHS = {
    AnnexColumn.SURNAME: 4,
    AnnexColumn.GIVEN_NAMES: 4,
    AnnexColumn.NATIVE_NAME: 5,
    AnnexColumn.SEX: 2,
    AnnexColumn.BIRTH_DATE: 2.4,
    AnnexColumn.CITIZENSHIP: 3,
    AnnexColumn.DOCUMENT: 3.4,
    AnnexColumn.DOCUMENT_EXPIRY: 2.4,
    AnnexColumn.FUNCTION: 3.4,
    AnnexColumn.SENDER: 3,
    AnnexColumn.OCCUPATION: 3.4,
}


@dataclass(frozen=True)
class Paper:
    """What the papers of one submission are made of, in one language."""

    election: Election
    submission: Submission
    rows: Sequence[Any]
    language: str

    @property
    def day(self) -> str:
        """The local day of the submission, written out."""
        moment = clock.local(self.submission.submitted_at, self.election.time_zone)
        return dated(moment.date(), "d MMMM y")

    @property
    def running(self) -> str:
        """What stands at the head of every page."""
        return str(
            _("Submission no. %(number)s, %(day)s", number=self.submission.number, day=self.day)
        )

    @property
    def name(self) -> str:
        """The election's name in the language of the paper."""
        return str(localized(self.election, "name"))


def paper_of(election: Election, submission: Submission, language: str) -> Paper:
    """The paper of a submission; to be used inside `force_locale(language)`."""
    return Paper(election, submission, queries.annex_rows(submission.id, language), language)


def _short(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else ""


def _cell(column: AnnexColumn, accreditation: Any, sender: str, language: str) -> str:
    person = accreditation.observer
    document = person.document
    born = person.born_on
    values = {
        AnnexColumn.SURNAME: person.surname,
        AnnexColumn.GIVEN_NAMES: person.given_names,
        AnnexColumn.NATIVE_NAME: person.native_name,
        AnnexColumn.SEX: _(SEXES[person.sex]) if person.sex else "",
        AnnexColumn.BIRTH_DATE: _short(born),
        AnnexColumn.CITIZENSHIP: citizenship_name(person.citizenship, language),
        AnnexColumn.DOCUMENT: f"{_(DOCUMENTS[document.kind])} {document.number}"
        if document
        else "",
        AnnexColumn.DOCUMENT_EXPIRY: _short(document.expires_on) if document else "",
        AnnexColumn.FUNCTION: (
            _(FUNCTIONS[accreditation.function]) if accreditation.function else ""
        ),
        AnnexColumn.SENDER: sender,
        AnnexColumn.OCCUPATION: person.occupation,
    }
    return str(values[column] or "")


def _lines(paper: Paper) -> list[list[str]]:
    columns = annex_columns(paper.election.annex_columns)
    return [
        [_cell(column, row[1], row.sender, paper.language) for column in columns]
        for row in paper.rows
    ]


def _signature(paper: Paper) -> dict[str, Any] | None:
    election = paper.election
    position = getattr(election, f"signatory_position_{paper.language}")
    if not election.signatory_name:
        return None
    return {"position": [position] if position else [], "name": election.signatory_name}


def _candidates(count: int) -> str:
    return ngettext("%(num)s candidate", "%(num)s candidates", count)


def annex_pdf(paper: Paper) -> bytes:
    """The annex as a document to sign."""
    with force_locale(paper.language):
        columns = annex_columns(paper.election.annex_columns)
        widths = [
            {"key": column.value, "label": str(_(ANNEX_COLUMNS[column])), "width": WIDTHS[column]}
            for column in columns
        ]
        number = {"key": "number", "label": str(_("No.")), "width": 1, "align": "right"}
        data = {
            "running": paper.running,
            "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
            "heading": str(_("Candidates for accreditation")),
            "paragraphs": [paper.name],
            "columns": [number, *widths],
            "rows": [[str(place), *cells] for place, cells in enumerate(_lines(paper), start=1)],
            "closing": [str(_("In all: %(candidates)s.", candidates=_candidates(len(paper.rows))))],
            "signature": _signature(paper),
        }
        return render_pdf("submission_annex", data, language=paper.language, title=paper.running)


def letter_pdf(paper: Paper) -> bytes:
    """The letter that presents the candidates to the commission."""
    with force_locale(paper.language):
        pages = page_count(annex_pdf(paper))
        count = len(paper.rows)
        election_day = dated(paper.election.election_on, "d MMMM y")
        data = {
            "sender": [
                str(_("Ministry of Foreign Affairs")),
                state_name(paper.election.host_country, paper.language),
            ],
            "contact": [],
            "reference": [str(_("No. %(number)s", number=paper.submission.number)), paper.day],
            "addressee": [str(_("To the Central Election Commission"))],
            "subject": str(_("Accreditation of international observers")),
            "paragraphs": _paragraphs(paper, count, str(election_day)),
            "list": _senders(paper),
            "closing": [paper.submission.remark] if paper.submission.remark else [],
            "annex": str(
                _(
                    "Annex: list of candidates (%(candidates)s) on %(pages)s.",
                    candidates=_candidates(count),
                    pages=ngettext("%(num)s page", "%(num)s pages", pages),
                )
            ),
            # Unnamed, a line to sign on.
            "signature": _signature(paper) or {"position": [], "name": "_" * 24},
            "contact_person": [str(_("Prepared by: %(name)s", name=paper.submission.submitted_by))],
            "running": paper.running,
            "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
        }
        return render_pdf("submission_letter", data, language=paper.language, title=paper.running)


def _paragraphs(paper: Paper, count: int, day: str) -> list[str]:
    presents = ngettext(
        "The Ministry of Foreign Affairs presents %(num)s candidate for accreditation as an "
        "observer: %(election)s, %(day)s.",
        "The Ministry of Foreign Affairs presents %(num)s candidates for accreditation as "
        "observers: %(election)s, %(day)s.",
        count,
        election=paper.name,
        day=day,
    )
    complete = _(
        "For each candidate the Ministry holds a note verbale of the sending side, the data of the "
        "travel document, a portrait and a signed pledge to observe the code of conduct."
    )
    return [str(presents), str(complete)]


def _senders(paper: Paper) -> dict[str, Any]:
    counts = Counter((row.kind is OrganizationKind.FOREIGN_STATE, row.sender) for row in paper.rows)
    titles = {False: _("International organizations"), True: _("Foreign states")}
    groups = [
        {
            "title": str(titles[is_state]),
            "rows": [
                [sender, str(number)]
                for (kind, sender), number in counts.items()  # in the order of the annex
                if kind is is_state
            ],
        }
        for is_state in (False, True)
    ]
    return {
        "columns": [str(_("Sent by")), str(_("Candidates"))],
        "groups": [group for group in groups if group["rows"]],
        "total": [str(_("Total")), str(len(paper.rows))],
    }


def annex_xlsx(paper: Paper) -> bytes:
    """The annex as a spreadsheet with columns for the commission's decisions."""
    with force_locale(paper.language):
        columns = annex_columns(paper.election.annex_columns)
        head = [_("No."), *(_(ANNEX_COLUMNS[column]) for column in columns)]
        head += [_("Decision"), _("Ground of refusal"), _("In words"), _("Reference")]
        buffer = io.BytesIO()
        options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        with xlsxwriter.Workbook(buffer, options) as book:
            sheet = book.add_worksheet(str(_("Candidates"))[:31])
            bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
            sheet.freeze_panes(1, 3)
            sheet.set_column(1, len(head) - 2, 20)
            for place, text in enumerate(head):
                sheet.write_string(0, place, str(text), bold)
            for number, (cells, row) in enumerate(
                zip(_lines(paper), paper.rows, strict=True), start=1
            ):
                sheet.write_number(number, 0, number)
                for place, text in enumerate(cells, start=1):
                    sheet.write_string(number, place, tables.harmless(text))
                sheet.write_string(number, len(head) - 1, f"{paper.submission.number}/{row.id}")
            _offer(sheet, len(head) - 4, len(paper.rows))
            if origin := current_origin():
                origin.rows = len(paper.rows)
                tables.sign(book, origin)
        return buffer.getvalue()


def _offer(sheet: Any, column: int, count: int) -> None:
    """Lists to choose a decision and a ground from."""
    decisions = [str(_(label)) for label in DECISIONS.values()]
    grounds = [str(_(GROUNDS[ground])) for ground in GROUNDS_OF_REFUSAL]
    choice = {"validate": "list", "source": decisions}
    sheet.data_validation(1, column, max(count, 1), column, choice)
    if len(",".join(grounds)) <= 255:  # what a spreadsheet allows
        listed = {"validate": "list", "source": grounds}
        sheet.data_validation(1, column + 1, max(count, 1), column + 1, listed)
