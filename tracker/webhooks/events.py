"""What is told of, as one table, and how it is seen.

Nobody need remember to tell: like the audit record this sees every flush, and what `insert_many`
and `update_many` bring past it. Messages are rows of the transaction that makes the change, one a
receiver, so that nothing is told that did not happen and nothing that happened is forgotten.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, UOWTransaction

from tracker.accreditation.models import Accreditation, AccreditationStatus, Submission, Transition
from tracker.audit.capture import Before, after_recording
from tracker.credentials.models import Certificate, CertificateStatus, CertificateStep
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import Base, after_commit, in_chunks
from tracker.kernel.jobs import jobs
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.publications.models import Bulletin, PressNote, PressNoteVersion, PublicationStatus
from tracker.webhooks.models import EventKind, Webhook, WebhookDelivery

JOB = "send_webhooks"
K, S, C = EventKind, AccreditationStatus, CertificateStatus
Row = sa.Row[Any]
# Values that a row had before, of those that changed; None for a new row.
Was = Mapping[str, Any] | None

OF_STATUS = {
    S.ACCREDITED: K.ACCREDITATION_ACCREDITED,
    S.REFUSED: K.ACCREDITATION_REFUSED,
    S.WITHDRAWN: K.ACCREDITATION_WITHDRAWN,
    S.REVOKED: K.ACCREDITATION_REVOKED,
    S.EXPIRED: K.ACCREDITATION_EXPIRED,
}
OF_CERTIFICATE = {
    C.ISSUED: K.CERTIFICATE_ISSUED,
    C.LOST: K.CERTIFICATE_LOST,
    C.REPLACED: K.CERTIFICATE_REPLACED,
    C.VOID: K.CERTIFICATE_VOIDED,
}


def _of_transition(was: Was, row: Row) -> EventKind | None:
    if was is not None:
        return None
    if row.to_status is S.REGISTERED:
        is_returned = row.from_status is S.SUBMITTED
        return K.ACCREDITATION_RETURNED if is_returned else K.OBSERVER_REGISTERED
    return OF_STATUS.get(row.to_status)


def _of_certificate(was: Was, row: Row) -> EventKind | None:
    return OF_CERTIFICATE.get(row.to_status) if was is None else None


def _of_meeting(was: Was, row: Row) -> EventKind | None:
    """A proposed meeting is nobody's business yet; a changed one is what calendars take over."""
    before = was.get("status", row.status) if was is not None else None
    if row.status is MeetingStatus.SCHEDULED:
        if before is not MeetingStatus.SCHEDULED:
            return K.MEETING_SCHEDULED
        return K.MEETING_CHANGED if was and "sequence" in was else None
    is_called_off = before is MeetingStatus.SCHEDULED and row.status is MeetingStatus.CANCELLED
    return K.MEETING_CANCELLED if is_called_off else None


def _of_bulletin(was: Was, row: Row) -> EventKind | None:
    is_new = was is None or "status" in was
    return K.BULLETIN_PUBLISHED if is_new and row.status is PublicationStatus.PUBLISHED else None


def _always(kind: EventKind) -> Callable[[Was, Row], EventKind | None]:
    return lambda was, _row: kind if was is None else None


@dataclass(frozen=True)
class Source:
    """A table of which events are told.

    `facts` gives for each row `id`, `election_id`, the election's `slug` and what the kind follows
    from, and by the names in `data` what is told. `resource` is where to read more.
    """

    kind: Callable[[Was, Row], EventKind | None]
    facts: sa.Select[*tuple[Any, ...]]
    data: tuple[str, ...]
    resource: str


def _facts(model: Any, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Of rows that name their election."""
    query = sa.select(model.id, Election.id.label("election_id"), Election.slug, *columns)
    return query.join(Election, Election.id == model.election_id)


_CERTIFICATE = (
    sa.select(
        CertificateStep.id,
        Certificate.election_id,
        Election.slug,
        CertificateStep.to_status,
        Certificate.id.label("certificate"),
        Certificate.serial,
        Certificate.accreditation_id.label("accreditation"),
        Certificate.delegation_id.label("delegation"),
    )
    .join(Certificate, Certificate.id == CertificateStep.certificate_id)
    .join(Election, Election.id == Certificate.election_id)
)
_PRESS_NOTE = (
    sa.select(
        PressNoteVersion.id,
        PressNote.election_id,
        Election.slug,
        PressNote.id.label("press_note"),
        PressNote.number,
        PressNoteVersion.number.label("version"),
    )
    .join(PressNote, PressNote.id == PressNoteVersion.press_note_id)
    .join(Election, Election.id == PressNote.election_id)
)

SOURCES: dict[type[Base], Source] = {
    Transition: Source(
        _of_transition,
        _facts(
            Transition,
            Transition.from_status,
            Transition.to_status,
            Transition.effective_at,
            Accreditation.id.label("accreditation"),
            Accreditation.delegation_id.label("delegation"),
            Transition.submission_id.label("submission"),
            Transition.resolution_id.label("resolution"),
        ).join(Accreditation, Accreditation.id == Transition.accreditation_id),
        ("accreditation", "delegation", "submission", "resolution", "effective_at"),
        "/e/{slug}/observers/{accreditation}",
    ),
    Submission: Source(
        _always(K.SUBMISSION_MADE),
        _facts(Submission, Submission.id.label("submission"), Submission.number),
        ("submission", "number"),
        "/e/{slug}/submissions/{submission}",
    ),
    CertificateStep: Source(
        _of_certificate,
        _CERTIFICATE,
        ("certificate", "serial", "accreditation", "delegation"),
        "/e/{slug}/certificates/{certificate}",
    ),
    Meeting: Source(
        _of_meeting,
        _facts(
            Meeting,
            Meeting.id.label("meeting"),
            Meeting.status,
            Meeting.starts_at,
            Meeting.ends_at,
            Meeting.sequence,
        ),
        ("meeting", "starts_at", "ends_at", "sequence"),
        "/e/{slug}/meetings/{meeting}",
    ),
    Bulletin: Source(
        _of_bulletin,
        _facts(
            Bulletin,
            Bulletin.id.label("bulletin"),
            Bulletin.status,
            Bulletin.number,
            Bulletin.as_of,
        ),
        ("bulletin", "number", "as_of"),
        "/e/{slug}/bulletins/{bulletin}",
    ),
    PressNoteVersion: Source(
        _always(K.PRESS_NOTE_PUBLISHED),
        _PRESS_NOTE,
        ("press_note", "number", "version"),
        "/e/{slug}/press-notes/{press_note}",
    ),
}


def install() -> None:
    """Tell of what every session of this process changes from now on."""
    after_recording(flushed=_flushed, inserted=_inserted, updated=_updated)


def _flushed(session: Session, _flush: UOWTransaction) -> None:
    found: dict[type[Base], dict[int, Was]] = {}
    for row in session.new:
        if type(row) in SOURCES:
            found.setdefault(type(row), {})[row.id] = None
    for row in session.dirty:
        if type(row) in SOURCES and (was := _was(row)):
            found.setdefault(type(row), {})[row.id] = was
    _tell(session, found)


def _was(row: Any) -> dict[str, Any]:
    attributes = sa.inspect(row).attrs
    return {each.key: old for each in attributes for old in each.history.deleted or ()}


def _inserted(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if model in SOURCES:
        _tell(session, {model: {row["id"]: None for row in rows}})


def _updated(session: Session, model: type[Base], before: Before) -> None:
    if model in SOURCES:
        _tell(session, {model: dict(before)})


def _tell(session: Session, found: Mapping[type[Base], Mapping[int, Was]]) -> None:
    """Write a message to each receiver that wants to know of these rows."""
    if not found:
        return
    connection = session.connection()
    # One that is being removed is not waited for; else its last message would find it gone.
    receivers = connection.execute(
        sa.select(Webhook.id, Webhook.kinds, Webhook.election_id)
        .where(Webhook.off_because.is_(None))
        .order_by(Webhook.id)
        .with_for_update(read=True, key_share=True, skip_locked=True)
    ).all()
    if not receivers:
        return
    for model, rows in found.items():
        for chunk in in_chunks(rows):
            happened = _events(connection, SOURCES[model], model, {key: rows[key] for key in chunk})
            messages = [
                {"webhook_id": receiver.id, **event}
                for election_id, event in happened
                for receiver in receivers
                if receiver.election_id in {None, election_id}
                and event["kind"] in receiver.kinds.split()
            ]
            if messages:
                connection.execute(sa.insert(WebhookDelivery.__table__), messages)  # type: ignore[arg-type]
                after_commit(send_soon)


def _events(
    connection: sa.Connection, source: Source, model: Any, rows: Mapping[int, Was]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """What happened, in order, with its election: the columns of a message."""
    query = source.facts.where(model.id.in_(rows)).order_by(model.id)
    for row in connection.execute(query):
        kind = source.kind(rows[row.id], row)
        if kind is not None:
            known = row._mapping
            data = {"election": row.slug, "resource": source.resource.format(**known)}
            data |= {name: known[name] for name in source.data}
            yield row.election_id, message_of(kind, data)


def message_of(kind: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a message that are the same to every receiver."""
    said = {"type": kind.value, "timestamp": clock.now(), "data": data}
    return {
        "message_id": f"msg_{secrets.token_hex(16)}",
        "kind": kind.value,
        "body": json.dumps(said, default=_plain, separators=(",", ":")),
    }


def _plain(value: Any) -> str:
    """A value as JSON says it; moments in UTC, to the second (RFC 3339)."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return str(value.value) if isinstance(value, Enum) else date.isoformat(value)


def send_soon() -> None:
    """Give out a round; where the queue does not answer, the round of the next minute sends."""
    jobs.enqueue(JOB)
