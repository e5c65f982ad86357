"""One record of each kind in a demonstration, and a second one that somebody else owns.

Tests that go through every address of the system need a record for every parameter. `values` are
of the election `kz-2022` and, where a delegation owns them, of the focal point's own delegation;
`others` are of the same election and of another delegation, or below another record.
"""

import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from PIL import Image
from werkzeug.routing import Rule

from tests.factories import accounts, records, tokens
from tests.factories.portraits import portrait
from tracker.accounts.models import AccountLink, SignInSession, User
from tracker.accounts.operations import invite, start_session
from tracker.accreditation.models import Resolution, Submission
from tracker.accreditation.queries import accreditation_for
from tracker.credentials.models import Certificate, PaperKind, SigningKey
from tracker.credentials.operations import request_print
from tracker.credentials.operations.batches import run_batch
from tracker.delegations.models import Delegation, DelegationContact, FocalPoint
from tracker.delegations.operations import attach_note_verbale
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.lists.models import ListRow, ObserverList
from tracker.lists.operations import Received, receive_list
from tracker.logistics.models.assistance import AssistanceRequest, CannedAnswer
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.models.digest import DigestRecipient
from tracker.logistics.models.duty import DutyContact, DutyNote, DutyShift, HandOver
from tracker.logistics.models.movements import Movement, Point
from tracker.logistics.operations.assistance import attach_to_assistance
from tracker.logistics.operations.digest import Letter, issue_digest
from tracker.meetings.addresses import Subject, create_address
from tracker.meetings.models import (
    CalendarAddress,
    CalendarKind,
    FollowUp,
    Meeting,
    MeetingPlan,
    MeetingRequest,
    MeetingStatus,
    PlanRow,
    PlanStatus,
    Whom,
)
from tracker.meetings.operations import attach_document
from tracker.officials.models import (
    Hall,
    Institution,
    Interpreter,
    Official,
)
from tracker.organizations.models import Organization, OrganizationKind
from tracker.publications.models import Bulletin, PressNote
from tracker.publications.queries import published_note
from tracker.retention.models import PurgeStatus, RetentionPurge
from tracker.webhooks.models import EventKind
from tracker.webhooks.operations import WebhookDetails, register_webhook, send_test

LIST = (
    b"Surname;Given names;Date of birth;Citizenship;Passport No;Valid until\n"
    b"ERDEM;NUR;no day;TR;U5550001;2030-01-01\n"
)
TITLE = b"Observers of the delegation;;;;;\n"  # so that rows of two lists differ in number
ELECTION, ELSEWHERE = "kz-2022", "practice"
FORGOTTEN = (
    "{endpoint} has the parameter <{name}>, and no test knows a record for it: "
    "give one in tests/factories/world.py (`values`; and `others`, where somebody owns it)"
)


@dataclass(frozen=True)
class World:
    """A record for every parameter of an address: by its name, or as `owner.name`, where the owner
    is the part of the route or another parameter beside it (`hall_id.blocked_id`)."""

    values: dict[str, Any]
    others: dict[str, Any]
    queries: dict[str, str]  # what an address must say besides, by endpoint
    forms: dict[str, dict[str, Any]]  # what a form must say, where no page of ours has it filled

    def address(self, rule: Rule, **changes: Any) -> str:
        """The address of `rule` with a record for each parameter, some of them changed."""

        def value(match: re.Match[str]) -> str:
            found = changes.get(match[1], _record(self.values, rule, match[1]))
            assert found is not None, FORGOTTEN.format(endpoint=rule.endpoint, name=match[1])
            return str(found)

        path = re.sub(r"<(?:[^<>]+:)?(\w+)>", value, rule.rule)
        return path + self.queries.get(rule.endpoint, "")

    def other(self, rule: Rule, name: str) -> Any:
        """The record that somebody else owns, for this parameter; None where nobody does."""
        return _record(self.others, rule, name)


def _record(known: dict[str, Any], rule: Rule, name: str) -> Any:
    owners = (rule.endpoint.split(".", maxsplit=1)[0], *sorted(rule.arguments))
    names = [f"{owner}.{name}" for owner in owners if f"{owner}.{name}" in known]
    return known.get(names[0] if names else name)


def picture(size: tuple[int, int] = (1_200, 1_200), kind: str = "JPEG") -> bytes:
    """A plain picture that every upload of pictures takes."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "#8a6a42").save(buffer, kind)
    return buffer.getvalue()


def _one(column: Any, *conditions: Any) -> Any:
    return db.session.scalar(sa.select(column).where(*conditions).order_by(column).limit(1))


def _last(column: Any) -> Any:
    return db.session.scalar(sa.select(sa.func.max(column)))


def world(app: Flask) -> World:
    """The records of a demonstration, with what it lacks added."""
    with app.app_context():
        with unit_of_work(SYSTEM):
            election = db.session.scalars(sa.select(Election).filter_by(slug=ELECTION)).one()
            election.logs_certificate_checks = True
            focal = db.session.scalars(
                sa.select(User).where(User.roles.any(name=Role.FOCAL_POINT.value))
            ).first()
            own = _one(FocalPoint.delegation_id, FocalPoint.user_id == focal.id)
            other = _one(
                Certificate.delegation_id,
                Certificate.election_id == election.id,
                Certificate.delegation_id != own,
            )
            values, others = _owned(election, own, focal.id), _owned(election, other, None)
            below, beside = _headquarters(election, values["request_id"])
            values |= _directories() | below
            others |= beside
            values |= _account(focal) | {"delegations.user_id": focal.id}
            values |= _receiver()
            others["delivery_id"] = _receiver()["delivery_id"]
            forms = {"publications.draft_note": {"meeting": _held(election)}}
            queries = {"logistics.new_request": f"?delegation={own}"}
        return World(values, others, queries, forms)


def _account(focal: User) -> dict[str, Any]:
    """An account that its owner has not opened yet, and a session of the focal point."""
    user = accounts.user(Role.OFFICIAL)
    user.password = None
    link_secret = invite(actor=SYSTEM, user=user)
    start_session(user=focal, method="password", device="", address=None)
    return {
        "user_id": user.id,
        "link_id": _last(AccountLink.id),
        "link_secret": link_secret,
        "session_id": _last(SignInSession.id),
        "token_id": tokens.personal(focal)[0],
    }


def _receiver() -> dict[str, Any]:
    """A system of others, and a message to it."""
    details = WebhookDetails(
        "Commission", "https://receiver.example.org/", [EventKind.OBSERVER_REGISTERED]
    )
    webhook = register_webhook(actor=SYSTEM, details=details)
    return {
        "webhook_id": webhook.id,
        "delivery_id": send_test(actor=SYSTEM, webhook=webhook).id,
    }


def _held(election: Election) -> int:
    """A meeting that took place and has no press note."""
    return _one(
        Meeting.id,
        Meeting.election_id == election.id,
        Meeting.status == MeetingStatus.HELD,
        Meeting.id.not_in(sa.select(PressNote.meeting_id)),
    ) or _one(Meeting.id, Meeting.election_id == election.id)


def _owned(election: Election, delegation_id: int, user_id: int | None) -> dict[str, Any]:
    """What a delegation owns."""
    delegation = db.session.get_one(Delegation, delegation_id)
    attach_note_verbale(actor=SYSTEM, delegation=delegation, content=b"%PDF-1.7", filename="n.pdf")
    contact = DelegationContact(
        delegation_id=delegation_id,
        name="Contact",
        duty="Secretary",
        effective_on=election.opens_at.date(),
    )
    db.session.add(contact)
    db.session.flush()
    certificate = db.session.scalars(
        sa.select(Certificate).filter_by(delegation_id=delegation_id).order_by(Certificate.id)
    ).first()
    if certificate is None:
        raise AssertionError("the demonstration gives this delegation no certificate")
    accreditation = accreditation_for(SYSTEM, election.id, certificate.accreditation_id)
    accreditation.observer.portrait = certificate.portrait = portrait()
    assistance = db.session.scalars(
        sa.select(AssistanceRequest).filter_by(delegation_id=delegation_id)
    ).first()
    assistance = assistance or records.assistance(delegation, number=9_000 + delegation_id)
    paper = attach_to_assistance(
        actor=SYSTEM, request=assistance, filename="a.pdf", content=b"paper"
    )
    kind = CalendarKind.USER if user_id else CalendarKind.DELEGATION
    subject = Subject(kind=kind, user_id=user_id, delegation_id=None if user_id else delegation_id)
    secret = create_address(actor=SYSTEM, election=election, subject=subject, language="en")
    wish = MeetingRequest(
        election_id=election.id,
        delegation_id=delegation_id,
        whom=Whom.OFFICIAL,
        official_id=_one(Official.id),
        topics="Observation on election day",
        created_by="tests",
    )
    db.session.add(wish)
    team = db.session.scalars(sa.select(DeploymentTeam).filter_by(delegation_id=delegation_id))
    sent = _sent_list(election, delegation, title=b"" if user_id else TITLE)
    db.session.flush()
    return {
        "delegation_id": delegation_id,
        "contact_id": contact.id,
        "accreditation_id": accreditation.id,
        "certificate_id": certificate.id,
        "assistance_id": assistance.id,
        "attachment_id": paper.id,
        "address_id": _last(CalendarAddress.id),
        "secret": secret,
        "request_id": wish.id,
        "movement_id": _one(Movement.id, Movement.delegation_id == delegation_id),
        "team_id": (team.first() or records.team(delegation)).id,
        "list_id": sent.id,
        "number": _one(ListRow.number, ListRow.list_id == sent.id),
    }


def _sent_list(election: Election, delegation: Delegation, title: bytes) -> ObserverList:
    """A list that its delegation sent, with a row to mend."""
    found = receive_list(
        actor=SYSTEM,
        election=election,
        delegation=delegation,
        received=Received(filename="list.csv", content=title + LIST),
        at_once=True,
    )
    found.sent_at, found.sent_by = clock.now(), "Focal point"
    db.session.flush()
    return found


def _directories() -> dict[str, Any]:
    """What belongs to no election."""
    owners = {"official_id": _one(Official.id), "hall_id": _one(Hall.id)}
    owners["interpreter_id"] = _one(Interpreter.id)
    blocked = {
        f"{name}.blocked_id": records.blocked_time(**{name: owner}).id
        for name, owner in owners.items()
    }
    official = db.session.get_one(Official, owners["official_id"])
    day = records.day_off(official, date(2022, 12, 24))
    is_organization = Organization.kind != OrganizationKind.FOREIGN_STATE
    return {
        **owners,
        **blocked,
        "lang": "en",
        "chapter": "account",
        "document_name": "deploy",
        "sample": "nginx.conf",
        "help.file": "account-1.webp",
        "form": "json",
        "election": ELECTION,
        "institution_id": _one(Institution.id),
        "organization_id": _one(Organization.id, is_organization),
        "day_id": day.id,
        "point_id": _one(Point.id),
        "answer_id": _one(CannedAnswer.id),
        "key_id": _one(SigningKey.id),
        "message_id": 1,
        "matter": "draft",
        "place": 0,
        "file": "SHA256SUMS",
    }


def _headquarters(election: Election, request_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What headquarters keeps of an election; and papers of records beside those."""
    around = {"actor": SYSTEM, "election": election}
    first, second = db.session.scalars(
        sa.select(Meeting).filter_by(election_id=election.id).order_by(Meeting.id).limit(2)
    ).all()
    papers = [
        attach_document(actor=SYSTEM, meeting=meeting, filename="a.pdf", content=b"paper").id
        for meeting in (first, second)
    ]
    tasks = [
        FollowUp(meeting_id=meeting.id, task="Call", responsible="Desk", created_by="tests")
        for meeting in (first, second)
    ]
    db.session.add_all(tasks)
    db.session.flush()
    letters = dict.fromkeys(("en", "ru", "kk"), Letter(subject="", text="", paper=b"%PDF"))
    issued = db.session.scalars(
        sa.select(Certificate.id).where(Certificate.status == "issued").limit(2)
    ).all()
    batch = request_print(**around, certificate_ids=issued, paper=PaperKind.BADGES, language="en")
    run_batch(**around, batch=batch, progress=lambda _done: None)
    shown = db.session.scalars(sa.select(Certificate).order_by(Certificate.id)).first()
    note = published_note(election.id, 1)
    values = {
        "meeting_id": first.id,
        "document_id": papers[0],
        "follow_up_id": tasks[0].id,
        "plan_id": _plan(election, first, request_id),
        "submission_id": _last(Submission.id),
        "resolution_id": _one(Resolution.id),
        "bulletin_id": _one(Bulletin.id, Bulletin.election_id == election.id),
        "bulletin_number": 1,
        "publications.note_id": _one(PressNote.id),
        "note_number": 1,
        "version": 1,
        "photo": note.content.photo,
        "digest_id": issue_digest(**around, as_of=clock.now(), letters=letters).id,
        "recipient_id": _one(DigestRecipient.id),
        "note_id": _one(DutyNote.id),
        "shift_id": _one(DutyShift.id),
        "hand_over_id": _one(HandOver.id),
        "duty_contact_id": _one(DutyContact.id),
        "batch_id": batch.id,
        "reference": (shown.portrait if shown else "")[:32],
        "purge_id": _purge(election),
    }
    return values, {"document_id": papers[1], "follow_up_id": tasks[1].id}


def _purge(election: Election) -> int:
    """A purge that is over."""
    purge = RetentionPurge(
        election_id=election.id,
        as_of=election.election_on,
        status=PurgeStatus.DONE,
        periods={},
        requested_by="tests",
    )
    db.session.add(purge)
    db.session.flush()
    return purge.id


def _plan(election: Election, meeting: Meeting, request_id: int) -> int:
    """A plan that places this request."""
    moment = election.ends_at
    plan = MeetingPlan(
        election_id=election.id,
        first_on=moment.date(),
        last_on=moment.date(),
        seconds=3,
        may_move=False,
        status=PlanStatus.READY,
        created_by="tests",
    )
    db.session.add(plan)
    db.session.flush()
    place = {"starts_at": moment, "ends_at": moment + timedelta(minutes=30)}
    officials = [each.id for each in meeting.officials]
    db.session.add(PlanRow(plan_id=plan.id, request_id=request_id, official_ids=officials, **place))
    db.session.flush()
    return plan.id
