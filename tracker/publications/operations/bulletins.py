"""Bulletins: drafted from the totals, edited, approved by a second person, published for good."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.permissions import Capability
from tracker.publications import queries
from tracker.publications.drafts import bulletin_texts
from tracker.publications.models import Bulletin, PublicationStatus
from tracker.publications.operations import life
from tracker.publications.rules import BULLETIN_WAYS, Step, list_hash
from tracker.publications.texts import plain
from tracker.totals.queries import counted, figures

LONGEST_TEXT = 10_000


@dataclass(frozen=True, kw_only=True)
class BulletinTexts:
    """What people write: the text by language, and what a correction corrects, by language."""

    text: Mapping[str, str]
    correction: Mapping[str, str] | None = None


def _count(election: Election, row: Bulletin, *, as_of: datetime, known_at: datetime) -> None:
    """Freeze the figures as of one moment, as known at another, and their list's hash."""
    found = figures(election, as_of=as_of, known_at=known_at)
    row.as_of, row.known_at = as_of, known_at
    row.figures = json.dumps(found.as_dict(), ensure_ascii=False)
    row.list_hash = list_hash(counted(election, as_of=as_of, known_at=known_at))
    for language, text in bulletin_texts(election, found).items():
        setattr(row, f"text_{language}", text)


def draft_bulletin(
    *,
    actor: Actor,
    election: Election,
    as_of: datetime | None = None,
    corrects_id: int | None = None,
) -> Bulletin:
    """Draft a bulletin of the totals as of a moment (left out: now), as known now.

    Raises `Refused` for a moment in the future and for the correction of what is not published.
    """
    actor.require(Capability.EDIT_PUBLICATIONS)
    now = clock.now()
    if as_of is not None and as_of > now:
        raise Refused(N_("A bulletin cannot speak of a moment in the future."), field="as_of")
    if corrects_id is not None:
        corrected = queries.bulletin_for(election.id, corrects_id)
        if corrected.status is not PublicationStatus.PUBLISHED:
            raise Refused(N_("Only a published bulletin can be corrected."))
        as_of = as_of or corrected.as_of
    row = Bulletin(election_id=election.id, corrects_id=corrects_id)
    row.status = PublicationStatus.DRAFT
    life.mark_edited(actor, row)
    _count(election, row, as_of=as_of or now, known_at=now)
    db.session.add(row)
    db.session.flush()
    return row


def edit_bulletin(
    *, actor: Actor, bulletin: Bulletin, texts: BulletinTexts, seen_version: int
) -> Bulletin:
    """Change the words; the figures stay those that were counted."""
    life.check_step(actor, BULLETIN_WAYS, bulletin, Step.EDIT)
    if bulletin.version != seen_version:
        raise Stale(N_("Somebody else changed this record at the same moment. Open it again."))
    for language in LANGUAGES:
        said = plain(texts.text.get(language, ""))
        if not said:
            raise Refused(N_("Write the text in all three languages."), field=f"text_{language}")
        setattr(bulletin, f"text_{language}", said[:LONGEST_TEXT])
        correction = plain((texts.correction or {}).get(language, ""))
        setattr(bulletin, f"correction_{language}", correction or None)
    bulletin.status = BULLETIN_WAYS[Step.EDIT].target
    life.mark_edited(actor, bulletin)
    db.session.flush()
    return bulletin


def recount_bulletin(*, actor: Actor, election: Election, bulletin: Bulletin) -> Bulletin:
    """Count again as known now; the drafted text is written anew."""
    life.check_step(actor, BULLETIN_WAYS, bulletin, Step.EDIT)
    _count(election, bulletin, as_of=bulletin.as_of, known_at=clock.now())
    bulletin.status = BULLETIN_WAYS[Step.EDIT].target
    life.mark_edited(actor, bulletin)
    db.session.flush()
    return bulletin


def approve_bulletin(*, actor: Actor, bulletin: Bulletin) -> Bulletin:
    """Approve it, as another person than who wrote last."""
    life.check_step(actor, BULLETIN_WAYS, bulletin, Step.APPROVE)
    if bulletin.corrects_id is not None and not bulletin.correction_en:
        raise Refused(N_("Say in all three languages what it corrects."), field="correction_en")
    life.approve(actor, bulletin)
    bulletin.status = BULLETIN_WAYS[Step.APPROVE].target
    db.session.flush()
    return bulletin


def publish_bulletin(*, actor: Actor, election: Election, bulletin: Bulletin) -> Bulletin:
    """Publish it under the next number, if what it counts is still what is known.

    Raises `Refused` where something was recorded since the figures were counted that changes them:
    nobody publishes numbers that are known to be wrong.
    """
    life.check_step(actor, BULLETIN_WAYS, bulletin, Step.PUBLISH)
    now = clock.now()
    if list_hash(counted(election, as_of=bulletin.as_of, known_at=now)) != bulletin.list_hash:
        raise Refused(
            N_("The figures have changed since they were counted: count again, then approve again.")
        )
    db.session.execute(
        sa.select(Election.id).where(Election.id == election.id).with_for_update(key_share=True)
    )
    bulletin.number = queries.last_bulletin_number(election.id) + 1
    life.publish(actor, bulletin)
    bulletin.status = BULLETIN_WAYS[Step.PUBLISH].target
    db.session.flush()
    return bulletin


def discard_bulletin(*, actor: Actor, bulletin: Bulletin) -> Bulletin:
    """Drop a draft; it stays in the record and has no number."""
    life.check_step(actor, BULLETIN_WAYS, bulletin, Step.DISCARD)
    bulletin.status = BULLETIN_WAYS[Step.DISCARD].target
    db.session.flush()
    return bulletin
