"""The proof that a purge leaves every total as it was: all figures, before and after.

Of the elections that are over: each figure now, at the moments of their calendar, of every
resolution and of every bulletin (as known then), with the hash of the list behind it; a recount of
the whole history now, at the end and for each bulletin. Of all elections: whether each published
bulletin is still given by the history, and the hash of everything that was published.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Resolution
from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.publications.models import Bulletin, PressNoteVersion
from tracker.publications.queries import all_published, proof_of
from tracker.publications.rules import list_hash
from tracker.totals.queries import counted, curve, figures, unproven

MOST_RESOLUTIONS = 40
Moments = Mapping[str, datetime | None]


def totals() -> dict[str, Any]:
    """Everything that must be the same before and after, as JSON holds it."""
    moment = clock.now()
    found: dict[str, Any] = {"elections": {}, "bulletins": {}, "published": _published()}
    for election in elections():
        bulletins = all_published(election.id)
        for bulletin in bulletins:
            name = f"{election.slug} {bulletin.number}"
            found["bulletins"][name] = _bulletin(election, bulletin)
        if election.ends_at <= moment:
            found["elections"][election.slug] = _election(election, bulletins)
    return found


def digest_of(found: Mapping[str, Any]) -> str:
    """The SHA-256 of totals, in hexadecimal."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def holes(found: Mapping[str, Any]) -> list[str]:
    """Where the totals are not what the history gives, or a bulletin not what was published."""
    figures_of = [
        f"{slug}, {name}: {', '.join(each['unproven'])}"
        for slug, all_ in found["elections"].items()
        for name, each in all_["figures"].items()
        if each.get("unproven")
    ]
    return figures_of + [name for name, same in found["bulletins"].items() if not same["is_same"]]


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[str]:
    """Where two totals differ, by the path to each place."""
    found = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found += differences(one, other, f"{path}{name} / ")
        elif one != other:
            found.append(f"{path}{name}")
    return found


def _bulletin(election: Election, bulletin: Bulletin) -> dict[str, Any]:
    proof, frozen = proof_of(election, bulletin), json.loads(bulletin.figures)
    is_same = proof.is_same_list and proof.figures.observers == frozen["observers"]
    return {"is_same": is_same, "list_hash": bulletin.list_hash, "observers": frozen["observers"]}


def _election(election: Election, bulletins: Any) -> dict[str, Any]:
    recounted = {"now", "end", *(f"bulletin {row.number}" for row in bulletins)}
    shown = {}
    for name, moments in _moments(election, bulletins):
        found = figures(election, **moments)
        shown[name] = found.as_dict() | {"list": list_hash(counted(election, **moments))}
        if name in recounted:
            shown[name]["unproven"] = unproven(election, found, **moments)
    days = [[point.day.isoformat(), point.total] for point in curve(election)]
    return {"figures": shown, "curve": days}


def _moments(election: Election, bulletins: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "now", {"as_of": None, "known_at": None}
    day, zone = election.election_on, election.time_zone
    for name, moment in (
        ("open", election.opens_at),
        ("close", election.closes_at),
        ("polls open", clock.local_moment(day, election.polls_open_at, zone)),
        ("polls close", clock.local_moment(day, election.polls_close_at, zone)),
        ("end", election.ends_at),
    ):
        yield name, {"as_of": moment, "known_at": None}
    for number, moment in _resolutions(election.id):
        yield f"resolution {number}", {"as_of": moment, "known_at": None}
    for row in bulletins:
        yield f"bulletin {row.number}", {"as_of": row.as_of, "known_at": row.known_at}


def _resolutions(election_id: int) -> list[tuple[str, datetime]]:
    query = sa.select(Resolution.number, Resolution.effective_at).where(
        Resolution.election_id == election_id
    )
    newest = query.order_by(Resolution.effective_at.desc(), Resolution.id.desc())
    return [(row[0], row[1]) for row in db.session.execute(newest.limit(MOST_RESOLUTIONS))]


def _published() -> str:
    """The SHA-256 of all that the public can read of bulletins and press notes."""
    digest = hashlib.sha256()
    columns = [getattr(Bulletin, f"text_{code}") for code in ("en", "ru", "kk")]
    bulletins = sa.select(Bulletin.number, Bulletin.figures, Bulletin.list_hash, *columns)
    notes = sa.select(PressNoteVersion.press_note_id, PressNoteVersion.content)
    for query in (
        bulletins.where(Bulletin.number.is_not(None)).order_by(Bulletin.id),
        notes.order_by(PressNoteVersion.id),
    ):
        for row in db.session.execute(query):
            digest.update(json.dumps(list(row), ensure_ascii=False).encode())
    return digest.hexdigest()
