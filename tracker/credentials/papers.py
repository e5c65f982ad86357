"""Certificates on paper: badges, sheets of four badges, certificates to keep, a list to sign.

A badge speaks Kazakh, Russian and English at once. Many are printed in pieces that are joined
afterwards, so that memory stays bounded however many there are.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pypdfium2
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.accreditation.labels import FUNCTIONS
from tracker.credentials import queries
from tracker.credentials.design import GROUP_OF, Design, design_of
from tracker.credentials.labels import BADGE_FUNCTIONS, KINDS
from tracker.credentials.models import Certificate, CertificateKind, PaperKind
from tracker.credentials.qr import qr_drawing
from tracker.elections.models import Election
from tracker.elections.regions import regions_of
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import N_, localized, ngettext
from tracker.kernel.printing import render_whatever
from tracker.kernel.storage import storage
from tracker.organizations.states import citizenship_name, state_name

LANGUAGES = ("kk", "ru", "en")  # in the order in which papers of the state carry them
PIECE = 50  # certificates printed at a time: the typesetter remembers as much as ten pieces
BADGE_CODE, SHEET_CODE = 52, 44  # mm of modules along one side; 35 is the least
TEMPLATES = {
    PaperKind.BADGES: "badges",
    PaperKind.SHEETS: "badges",
    PaperKind.CERTIFICATES: "certificates",
}
Progress = Callable[[int], None]
N_NUMBER, N_VALID, N_WHERE = N_("Number"), N_("Valid"), N_("Region")
N_SENDER, N_FUNCTION, N_CITIZENSHIP = N_("Sent by"), N_("Function"), N_("Citizenship")


def in_languages(say: Callable[[], Any]) -> list[str]:
    """What `say` says in Kazakh, Russian and English, each once."""
    found = []
    for language in LANGUAGES:
        with force_locale(language):
            found.append(str(say()))
    return list(dict.fromkeys(text for text in found if text))


def _together(say: Callable[[], Any]) -> str:
    return " · ".join(in_languages(say))


def print_certificates(
    election: Election,
    certificates: Sequence[Certificate],
    paper: PaperKind,
    *,
    progress: Progress = lambda _done: None,
) -> bytes:
    """One PDF of all, sorted by delegation and then by name; `progress` hears how many are done.

    A portrait that is gone leaves its place empty: the badge is wanted now.
    """
    rows = queries.printed_rows([row.id for row in certificates])
    return print_rows(election, rows, paper, progress=progress)


def print_rows(
    election: Election,
    rows: Sequence[queries.Printed],
    paper: PaperKind,
    *,
    progress: Progress = lambda _done: None,
) -> bytes:
    """The same for rows that were read already, in their order."""
    design = design_of(election.id)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(rows), PIECE):
            yield _piece(election, rows[start : start + PIECE], paper, design)
            progress(min(start + PIECE, len(rows)))

    if len(rows) > PIECE:
        return _joined(pieces())
    return next(pieces())  # a single one stays as it is, tagged and fit for an archive


def _joined(pieces: Iterator[bytes]) -> bytes:
    """One document of several, each let go of once it is taken over."""
    whole = pypdfium2.PdfDocument.new()
    for piece in pieces:
        part = pypdfium2.PdfDocument(piece)
        whole.import_pages(part)
        part.close()
    buffer = io.BytesIO()
    whole.save(buffer)
    whole.close()
    return buffer.getvalue()


def _piece(
    election: Election, rows: Sequence[queries.Printed], paper: PaperKind, design: Design
) -> bytes:
    data, files = document(election, rows, paper, design)
    title = f"{_('Certificates')}, {localized(election, 'name')}"
    return render_whatever(TEMPLATES[paper], data, language="en", title=title, files=files)


def document(
    election: Election,
    rows: Sequence[queries.Printed],
    paper: PaperKind,
    design: Design,
    *,
    is_specimen: bool = False,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What a template prints: its data, and the pictures by name."""
    files: dict[str, bytes] = {}
    if design.emblem:
        files["emblem.png"] = design.emblem
    say = _Words(election, design)
    cards = []
    for number, row in enumerate(rows):
        portrait = _portrait(row.certificate.portrait)
        if portrait:
            files[f"portrait-{number}.jpg"] = portrait
        pictures = {
            "portrait": f"portrait-{number}.jpg" if portrait else "",
            "code": qr_drawing(row.certificate.credential),
        }
        card = say.certificate(row) if paper is PaperKind.CERTIFICATES else say.badge(row)
        cards.append(card | pictures)
    return {
        "cards": cards,
        "shared": say.shared(),
        "layout": paper.value,
        "emblem": design.emblem is not None,
        "code_width": SHEET_CODE if paper is PaperKind.CERTIFICATES else BADGE_CODE,
        "specimen": is_specimen,
    }, files


def _portrait(key: str) -> bytes | None:
    try:
        return storage.get(key)
    except FileNotFoundError:
        return None


class _Words:
    """The words of one election's certificates; what many have in common is translated once."""

    def __init__(self, election: Election, design: Design) -> None:
        self._election, self._design = election, design
        self._regions = {row.code: row for row in regions_of(election.host_country)}
        self._known: dict[Any, Any] = {}

    def _once(self, key: Any, say: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = say()
        return self._known[key]

    def shared(self) -> dict[str, Any]:
        """What every certificate of the election says."""
        election, own = self._election, self._design
        country = {code: state_name(election.host_country, code) for code in LANGUAGES}
        heading = [
            own.heading.get(code) or self._ministry(code, country[code]) for code in LANGUAGES
        ]
        note = [own.note.get(code) or self._note(code) for code in LANGUAGES]
        return {
            "heading": heading,
            "note": note,
            "election": in_languages(lambda: localized(election, "name")),
            "support": _together(lambda: _("SUPPORT STAFF")),
            "verify": in_languages(lambda: _("Check it: scan the code, or type the number.")),
            "reference": _together(lambda: _("Portrait")),
            "emblem": _("Emblem"),
            "portrait": _("Portrait"),
            "code": _("QR code of the certificate"),
            "specimen": _("SPECIMEN"),
        }

    @staticmethod
    def _ministry(language: str, country: str) -> str:
        with force_locale(language):
            return f"{_('Ministry of Foreign Affairs')} · {country}"

    @staticmethod
    def _note(language: str) -> str:
        with force_locale(language):
            return str(
                _(
                    "Valid only with the travel document of the holder. The holder observes as the "
                    "law lays down and does not interfere. If found, hand it to the nearest "
                    "election commission."
                )
            )

    def badge(self, row: queries.Printed) -> dict[str, Any]:
        """One badge."""
        certificate = row.certificate
        return self._common(row) | {
            "function": self._once(
                ("band", certificate.function),
                lambda: _reversed(lambda: _(BADGE_FUNCTIONS[certificate.function])),
            ),
            "organization": row.organization.acronym or row.organization.name_en,
            "facts": [
                self._fact(N_NUMBER, certificate.number),
                self._fact(N_VALID, self._validity(certificate)),
                self._fact(N_WHERE, self._where(certificate.regions)),
            ],
        }

    def certificate(self, row: queries.Printed) -> dict[str, Any]:
        """One certificate of A4."""
        certificate, organization = row.certificate, row.organization
        sender = self._once(
            ("sender", organization.id), lambda: _together(lambda: localized(organization, "name"))
        )
        function = self._once(
            ("function", certificate.function),
            lambda: _together(lambda: _(FUNCTIONS[certificate.function])),
        )
        return self._common(row) | {
            "titles": self._once(
                ("title", certificate.kind),
                lambda: in_languages(lambda: _(KINDS[certificate.kind])),
            ),
            "lines": [
                self._fact(N_SENDER, sender),
                self._fact(N_FUNCTION, function),
                self._fact(N_CITIZENSHIP, self._citizenship(row)),
                self._fact(N_WHERE, self._where(certificate.regions)),
                self._fact(N_VALID, self._validity(certificate)),
            ],
        }

    def _common(self, row: queries.Printed) -> dict[str, Any]:
        certificate, observer = row.certificate, row.observer
        surname, given = observer.surname, observer.given_names
        kind = certificate.kind
        return {
            "color": self._design.colors[GROUP_OF[certificate.function]],
            "support": kind is CertificateKind.SUPPORT,
            "surname": surname or given,
            "given": given if surname else "",
            "native": observer.native_name or "",
            "citizenship": self._citizenship(row),
            "number": certificate.number,
            "reference": certificate.portrait[:8],
            "kind": self._once(("kind", kind), lambda: _together(lambda: _(KINDS[kind]))),
        }

    def _fact(self, label: str, value: str) -> dict[str, str]:
        return {"label": self._once(label, lambda: _together(lambda: _(label))), "value": value}

    def _citizenship(self, row: queries.Printed) -> str:
        code = row.observer.citizenship
        names = (citizenship_name(code, language) for language in LANGUAGES)
        return str(self._once(("country", code), lambda: " · ".join(dict.fromkeys(names))))

    def _validity(self, certificate: Certificate) -> str:
        """The local days; a certificate that ends at midnight held through the day before."""
        zone = self._election.time_zone
        first = clock.local(certificate.valid_from, zone).date()
        last = clock.last_day(certificate.valid_until, zone)
        return f"{first:%d.%m.%Y} – {last:%d.%m.%Y}"

    def _where(self, regions: str) -> str:
        codes = regions.split()
        if not codes:
            return str(self._once("everywhere", lambda: _together(lambda: _("Whole country"))))
        rows = [self._regions[code] for code in codes if code in self._regions]
        if len(rows) == 1:
            return str(
                self._once(
                    ("region", codes[0]), lambda: _together(lambda: localized(rows[0], "name"))
                )
            )
        return ", ".join(row.name_en for row in rows) or " ".join(codes)


def _reversed(say: Callable[[], Any]) -> list[str]:
    """English first: the word that is read at two metres is the one that every guest reads."""
    return in_languages(say)[::-1]


def hand_over_sheet(
    election: Election, certificates: Sequence[Certificate], language: str
) -> bytes:
    """A list to sign for those who receive certificates, one part a delegation, in a language."""
    with force_locale(language):
        rows = queries.printed_rows([row.id for row in certificates], language)
        parts = [
            {
                "title": name,
                "rows": list(_signed(people)),
                "total": ngettext("%(num)s certificate", "%(num)s certificates", len(people)),
            }
            for name, people in (
                (name, list(group))
                for name, group in groupby(rows, lambda row: localized(row.organization, "name"))
            )
        ]
        day = dated(clock.today(election.time_zone), "d MMMM y")
        data = {
            "running": f"{localized(election, 'name')}, {day}",
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
            "lead": [_("Certificates handed over"), str(localized(election, "name"))],
            "columns": [_("No."), _("Number"), _("Name"), _("Function"), _("Date and signature")],
            "parts": parts,
            "signatures": [
                _("Handed over by (name, signature, date)"),
                _("Received by (name, signature, date)"),
            ],
        }
        title = f"{_('Certificates handed over')}, {day}"
        return render_whatever("hand_over", data, language=language, title=title)


def _signed(rows: Sequence[queries.Printed]) -> Iterator[list[str]]:
    for place, row in enumerate(rows, start=1):
        name = f"{row.observer.surname} {row.observer.given_names}".strip()
        function = _(FUNCTIONS[row.certificate.function])
        yield [str(place), row.certificate.number, name, function, ""]
