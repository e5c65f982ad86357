"""Traces that people leave in every corner of the demonstration, for tests of a purge."""

import os
import pickle
import subprocess
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from tests.factories.portraits import portrait
from tracker.accounts.models import Attempt, FailedSignIn
from tracker.accreditation.models import Accreditation
from tracker.accreditation.operations import expire_ended_elections
from tracker.audit.models import AuditEntry
from tracker.audit.operations import record_read
from tracker.credentials.jobs import run as run_batch
from tracker.credentials.models import Certificate, CertificateCheck, CertificateStatus, PaperKind
from tracker.credentials.operations import request_print
from tracker.delegations.models import Delegation, DelegationContact, DelegationHead
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.jobs import jobs
from tracker.kernel.mail import Attachment, Message
from tracker.kernel.outbox import MessageStatus, OutboxMessage, queue_message
from tracker.kernel.storage import storage
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.operations.assistance import attach_to_assistance
from tracker.logistics.operations.digest import Letter, issue_digest
from tracker.meetings.models import Meeting, MeetingParticipant
from tracker.meetings.operations import attach_document
from tracker.observers.models import DuplicateDecision, DuplicateVerdict, Observer, TravelDocument
from tracker.publications.models import PressNoteVersion
from tracker.retention.holdings import file_columns

BEFORE = datetime(2022, 11, 19, 6, tzinfo=UTC)
LATER = datetime(2026, 6, 1, 6, tzinfo=UTC)  # everything is due
SURNAME, ADDRESS = "Zzyzxovich", "zzyzxovich@observers.example"


@dataclass
class Traces:
    """What must be found nowhere afterwards: texts, and the names of files."""

    texts: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


def leave(election_slug: str = "kz-2022") -> Traces:
    """Leave traces of the first accredited person everywhere; what there is to find then."""
    with clock.at(BEFORE), unit_of_work(SYSTEM):
        election = election_for(SYSTEM, election_slug)
        query = sa.select(Accreditation).where(Accreditation.election_id == election.id)
        accreditation = db.session.scalars(query.order_by(Accreditation.id).limit(1)).one()
        _rename(accreditation)
        batch_id = _papers(election, accreditation)
        _records(election, accreditation)
    with clock.at(BEFORE):
        run_batch(batch_id)
        jobs.report("certificates-1", 1, 2)
        jobs.huey.storage.put_data(str(uuid.uuid4()), pickle.dumps(f"error about {SURNAME}"))
    with clock.at(LATER - timedelta(days=900)), unit_of_work(SYSTEM):
        expire_ended_elections(actor=SYSTEM)
    with unit_of_work(SYSTEM):
        found = _found(election_slug)
    for path in (Path(current_app.instance_path) / "files").rglob("*"):
        os.utime(path, (0, 0))  # stored long ago
    return found


def _rename(accreditation: Accreditation) -> None:
    person = db.session.get_one(Observer, accreditation.observer_id)
    person.surname, person.email, person.phone = SURNAME, ADDRESS, "+7 701 555 0199"
    person.birth_date, person.birth_digest = "1971-02-03", keyring.digest("birth:1971-02-03")
    person.identity_digest = keyring.digest("the same person")
    person.occupation = f"Deputy {SURNAME} of a parliament"
    person.portrait = portrait("#123456")


def _papers(election: Election, accreditation: Accreditation) -> int:
    request = db.session.scalars(
        sa.select(AssistanceRequest).where(AssistanceRequest.election_id == election.id)
    ).first()
    assert request is not None
    request.title, request.text = f"Visa of {SURNAME}", f"{SURNAME} has no visa"
    request.accreditation_id = accreditation.id
    scan = f"scan of the visa of {SURNAME}".encode()
    attach_to_assistance(actor=SYSTEM, request=request, filename="visa.pdf", content=scan)
    meeting = db.session.scalars(
        sa.select(Meeting).where(Meeting.election_id == election.id).order_by(Meeting.id)
    ).first()
    assert meeting is not None
    meeting.others_present = f"{SURNAME} and an assistant"
    meeting.note = f"{SURNAME} came late"
    db.session.add(MeetingParticipant(meeting_id=meeting.id, accreditation_id=accreditation.id))
    paper = f"paper of {SURNAME}".encode()
    attach_document(actor=SYSTEM, meeting=meeting, filename=f"{SURNAME}.pdf", content=paper)
    delegation = db.session.get_one(Delegation, accreditation.delegation_id)
    delegation.note_verbale_scan = storage.put(f"note with {SURNAME}".encode())
    delegation.note_verbale_scan_name = f"{SURNAME}.pdf"
    delegation.remarks = f"{SURNAME} wants a car"
    letters = dict.fromkeys(("en", "ru", "kk"), Letter(subject="", text="", paper=b"%PDF digest"))
    issue_digest(actor=SYSTEM, election=election, as_of=clock.now(), letters=letters)
    issued = sa.select(Certificate.id).where(
        Certificate.election_id == election.id, Certificate.status == CertificateStatus.ISSUED
    )
    ids = db.session.scalars(issued.order_by(Certificate.id).limit(2)).all()
    around: dict[str, Any] = {"actor": SYSTEM, "election": election, "language": "en"}
    return request_print(**around, certificate_ids=ids, paper=PaperKind.BADGES).id


def _records(election: Election, accreditation: Accreditation) -> None:
    delegation_id, day = accreditation.delegation_id, date(2022, 11, 1)
    attached = Attachment("letter.pdf", f"letter to {SURNAME}".encode())
    message = Message(to=(SURNAME, ADDRESS), subject=SURNAME, text=SURNAME, attachment=attached)
    queue_message(message, key="meeting-1-REQUEST-0-contact-1")
    for row in db.session.scalars(sa.select(OutboxMessage)):
        row.status = MessageStatus.SENT
    twin = db.session.scalars(
        sa.select(Observer.id)
        .where(Observer.id > accreditation.observer_id)
        .order_by(Observer.id)
        .limit(1)
    ).one()
    db.session.get_one(Observer, twin).identity_digest = keyring.digest("the same person")
    db.session.flush()
    named = {"delegation_id": delegation_id, "effective_on": day}
    db.session.add_all(
        [
            DelegationContact(name=f"{SURNAME} Office", email=ADDRESS, phone="1", **named),
            DelegationHead(name=f"Head {SURNAME}", title="Head", **named),
            FailedSignIn(attempt=Attempt.ACCOUNT, identity_digest=keyring.digest(ADDRESS)),
            CertificateCheck(
                election_id=election.id,
                verdict="valid",
                serial=1,
                checked_at=BEFORE,
                received_at=BEFORE,
            ),
            DuplicateDecision(
                one_id=accreditation.observer_id,
                other_id=twin,
                verdict=DuplicateVerdict.DIFFERENT,
                decided_by="tests",
            ),
        ]
    )
    db.session.flush()
    person = accreditation.observer_id
    record_read(actor=SYSTEM, table="observers", record_id=person, what="document number")


def _found(election_slug: str) -> Traces:
    """Every text and file that says who somebody of the election is."""
    found = Traces()
    election = election_for(SYSTEM, election_slug)
    ids = sa.select(Accreditation.observer_id).where(Accreditation.election_id == election.id)
    names = ("surname", "given_names", "native_name", "search_key", "email", "phone", "birth_date")
    for person in db.session.scalars(sa.select(Observer).where(Observer.id.in_(ids))).unique():
        for name in (*names, "identity_digest", "birth_digest"):
            # Shorter ones stand by chance in keys and digests.
            if len(value := getattr(person, name) or "") > 5:
                found.texts[value] = f"observers.{name} of {person.id}"
    for number, digest in db.session.execute(
        sa.select(TravelDocument.number, TravelDocument.number_digest)
    ):
        found.texts |= {number: "document number", digest: "digest of a document number"}
    published = " ".join(db.session.scalars(sa.select(PressNoteVersion.content)))
    for name in db.session.scalars(sa.select(DelegationHead.name)):
        if name not in published:
            found.texts[name] = "head of a delegation"
    found.texts |= {SURNAME: "surname", ADDRESS: "address"}
    for column in file_columns(db.metadata.tables.values()):
        if column.table.name != "press_notes":  # published: stays
            found.files.update(db.session.scalars(sa.select(column).where(column != "")))
    return found


def places(traces: Traces, folder: Path, patterns: Path) -> list[str]:
    """Where in an installation's folder a trace is found, in whatever file and page.

    Stored files are encrypted: their names alone say that they are there.
    """
    patterns.write_text("\n".join([*traces.texts, *traces.files]), encoding="utf-8")
    found = []
    for path in sorted(folder.rglob("*")):
        if path.parent.parent.name == "files":
            found += [f"{path.name} is there"] if path.name in traces.files else []
        elif path.is_file():
            command = ["grep", "-aoFf", str(patterns), str(path)]
            said = subprocess.run(command, capture_output=True, check=False).stdout.decode()
            for text in sorted(set(said.splitlines())):
                found.append(f"{path.name}: {traces.texts.get(text, 'name of a file')}: {text}")
    return found


def entries(table: str, record_id: int | str) -> list[AuditEntry]:
    """What the audit record says of a row."""
    query = sa.select(AuditEntry).where(
        AuditEntry.record_table == table, AuditEntry.record_id == str(record_id)
    )
    return list(db.session.scalars(query.order_by(AuditEntry.position)))
