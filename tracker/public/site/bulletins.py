"""Bulletins: what was said when, with the figures as they were frozen."""

import csv
import io
import json
from typing import Any

from flask.typing import ResponseReturnValue

from tracker.elections.models import Election
from tracker.kernel import clock, tables
from tracker.kernel.database import db
from tracker.kernel.fragments import fragment
from tracker.kernel.i18n import LANGUAGES, language, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires
from tracker.organizations.labels import acronym_of
from tracker.organizations.states import state_name
from tracker.public.elections import election_of
from tracker.public.site.blueprint import address, at, blueprint, download, page
from tracker.public.site.licence import LICENCE
from tracker.publications import papers, queries
from tracker.publications.models import Bulletin
from tracker.publications.texts import paragraphs
from tracker.totals.senders import called, organizations_of

ONE = "e/<election>/bulletins/<int:bulletin_number>"


@blueprint.get(at("e/<election>/bulletins/"))
@requires(Capability.PUBLIC)
def bulletins(lang: str, election: str) -> ResponseReturnValue:
    """All bulletins of an election, the newest first."""
    row = election_of(election)
    found = db.session.scalars(queries.published_bulletins(row.id)).all()
    corrected = {each.corrects_id: each.number for each in found if each.corrects_id}
    return page(
        "site/bulletins.html",
        election=row,
        bulletins=[(each, json.loads(each.figures)) for each in found],
        corrected=corrected,
        local=lambda moment: clock.local(moment, row.time_zone),
    )


@blueprint.get(at(ONE))
@requires(Capability.PUBLIC)
def bulletin(lang: str, election: str, bulletin_number: int) -> ResponseReturnValue:
    """One bulletin: its text, its figures, its moments, what corrects it, how to count again."""
    row = election_of(election)
    found = queries.published_bulletin(row.id, bulletin_number)
    frozen = json.loads(found.figures)
    corrects = queries.bulletin_for(row.id, found.corrects_id) if found.corrects_id else None
    return page(
        "site/bulletin.html",
        election=row,
        bulletin=found,
        frozen=frozen,
        paragraphs=paragraphs(localized(found, "text")),
        organizations=_organizations(row, frozen),
        states=_states(frozen),
        corrects=corrects,
        corrected_by=queries.corrections_of(found.id),
        local=lambda moment: clock.local(moment, row.time_zone),
    )


def _organizations(election: Election, frozen: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Frozen numbers by organization, under today's names where they are still known."""
    known = organizations_of(election)
    return [
        (acronym_of(known[key]) or "" if key in known else "", _name(known.get(key), key), count)
        for key, count in frozen["by_organization"].items()
    ]


def _name(organization: Any, key: str) -> str:
    return localized(organization, "name") if organization else key


def _states(frozen: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [
        (code, state_name(code, language()), count) for code, count in frozen["by_state"].items()
    ]


@blueprint.get(at(f"{ONE}.json"))
@requires(Capability.PUBLIC)
def bulletin_json(lang: str, election: str, bulletin_number: int) -> ResponseReturnValue:
    """A bulletin for machines: the frozen figures as they were stored."""
    row = election_of(election)
    found = queries.published_bulletin(row.id, bulletin_number)
    corrects = queries.bulletin_for(row.id, found.corrects_id) if found.corrects_id else None
    said = {
        "address": address("bulletin", election=row.slug, bulletin_number=bulletin_number),
        "licence": LICENCE,
        "number": found.number,
        "election": row.slug,
        "published_at": found.published_at.isoformat() if found.published_at else None,
        "as_of": found.as_of.isoformat(),
        "known_at": found.known_at.isoformat(),
        "list_hash": found.list_hash,
        "corrects": corrects.number if corrects else None,
        "corrected_by": [each.number for each in queries.corrections_of(found.id)],
        "text": {code: getattr(found, f"text_{code}") for code in LANGUAGES},
        "figures": json.loads(found.figures),
    }
    return download(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "application/json")


@blueprint.get(at(f"{ONE}.csv"))
@requires(Capability.PUBLIC)
def bulletin_csv(lang: str, election: str, bulletin_number: int) -> ResponseReturnValue:
    """The frozen figures one a line: figure, group (empty for a whole), count."""
    row = election_of(election)
    found = queries.published_bulletin(row.id, bulletin_number)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("figure", "group", "count"))
    writer.writerows([tables.plain(value) for value in line] for line in _lines(found))
    name = f"{row.slug}-bulletin-{bulletin_number}.csv"
    return download(buffer.getvalue(), "text/csv; charset=utf-8", name)


def _lines(bulletin: Bulletin) -> list[tuple[str, str, int]]:
    lines: list[tuple[str, str, int]] = []
    for name, value in json.loads(bulletin.figures).items():
        if isinstance(value, dict):
            lines += [(name, key, count) for key, count in value.items()]
        elif isinstance(value, int):
            lines.append((name, "", value))
    return lines


@blueprint.get(at(f"{ONE}.pdf"))
@requires(Capability.PUBLIC)
def bulletin_pdf(lang: str, election: str, bulletin_number: int) -> ResponseReturnValue:
    """The bulletin on paper; made once: nothing of it changes but the names of organizations."""
    row = election_of(election)
    found = queries.published_bulletin(row.id, bulletin_number)
    names = tuple(called(row, json.loads(found.figures)["by_organization"]))
    paper = fragment(
        ("bulletin on paper", found.id, lang, names), lambda: papers.bulletin_pdf(row, found, lang)
    )
    return download(paper, "application/pdf", f"{row.slug}-bulletin-{bulletin_number}-{lang}.pdf")
