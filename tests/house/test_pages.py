"""Every page, as every role, on the demonstration election: it answers, and as the roles may."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.accounts.sign_in import LIBRARY_ENDPOINTS
from tracker.accreditation.models import Accreditation, Resolution, Submission
from tracker.credentials.models import Certificate, PaperKind, SigningKey
from tracker.credentials.operations import request_print
from tracker.delegations.models import Delegation, DelegationContact
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Capability, Role, capabilities_of
from tracker.lists.models import ListRow, ObserverList
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
    Meeting,
    MeetingPlan,
    MeetingRequest,
    PlanRow,
    PlanStatus,
)
from tracker.meetings.operations import attach_document
from tracker.officials.models import (
    BlockedTime,
    Hall,
    Institution,
    Interpreter,
    Official,
    OfficialDay,
)
from tracker.organizations.models import Organization, OrganizationKind
from tracker.publications.models import Bulletin
from tracker.publications.queries import published_note

NAMES = (
    *("q", "status", "delegation", "citizenship", "function", "region", "missing", "figure"),
    *("as_of", "known_at", "cursor", "day", "official", "sex", "kind", "role", "since", "until"),
    *("by", "span", "direction", "point", "view", "tasks", "answer", "language"),
    *("author", "open", "observer", "submission", "step", "number"),
    *("theme", "text", "space", "next"),
)
NEEDS_MORE = {"accreditation.portrait", "delegations.note_verbale"}  # a stored file


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def values(app):
    """An existing record for every URL parameter."""

    def one(column, *conditions):
        return db.session.scalar(sa.select(column).where(*conditions).order_by(column).limit(1))

    with app.app_context():
        election_id = one(Election.id, Election.slug == "kz-2022")
        with unit_of_work(SYSTEM):
            election = db.session.get_one(Election, election_id)
            subject = Subject(kind=CalendarKind.ELECTION)
            secret = create_address(actor=SYSTEM, election=election, subject=subject, language="en")
            plan_id, document_id, request_id = _planned(election)
            assistance = db.session.scalars(
                sa.select(AssistanceRequest).where(AssistanceRequest.election_id == election_id)
            ).first()
            around = {"actor": SYSTEM, "request": assistance}
            paper = attach_to_assistance(**around, filename="a.pdf", content=b"paper")
            attachment_id = paper.id
            letters = dict.fromkeys(("en", "ru", "kk"), Letter(subject="", text="", paper=b"%PDF"))
            around = {"actor": SYSTEM, "election": election}
            certificate_ids = db.session.scalars(
                sa.select(Certificate.id).where(Certificate.status == "issued").limit(2)
            ).all()
            batch_id = request_print(
                **around,
                certificate_ids=certificate_ids,
                paper=PaperKind.BADGES,
                language="en",
            ).id
            digest_id = issue_digest(**around, as_of=clock.now(), letters=letters).id
            photo = published_note(election.id, 1).content.photo
        return {
            "secret": secret,
            "lang": "en",
            "bulletin_id": one(Bulletin.id, Bulletin.election_id == election_id),
            "bulletin_number": 1,
            "note_number": 1,
            "version": 1,
            "photo": photo,
            "file": "SHA256SUMS",
            "matter": "draft",
            "digest_id": digest_id,
            "recipient_id": one(DigestRecipient.id),
            "address_id": one(CalendarAddress.id),
            "election": "kz-2022",
            "delegation_id": one(Delegation.id, Delegation.election_id == election_id),
            "contact_id": one(DelegationContact.id) or 1,
            "accreditation_id": one(Accreditation.id, Accreditation.election_id == election_id),
            "submission_id": one(Submission.id),
            "resolution_id": one(Resolution.id),
            "meeting_id": one(Meeting.id, Meeting.election_id == election_id),
            "request_id": request_id,
            "assistance_id": assistance.id,
            "attachment_id": attachment_id,
            "answer_id": one(CannedAnswer.id),
            "plan_id": plan_id,
            "document_id": document_id,
            "follow_up_id": 1,
            "official_id": one(Official.id),
            "institution_id": one(Institution.id),
            "organization_id": one(
                Organization.id, Organization.kind != OrganizationKind.FOREIGN_STATE
            ),
            "user_id": 1,
            "hall_id": one(Hall.id),
            "interpreter_id": one(Interpreter.id),
            "day_id": one(OfficialDay.id),
            "blocked_id": one(BlockedTime.id),
            "movement_id": one(Movement.id, Movement.election_id == election_id),
            "point_id": one(Point.id),
            "team_id": one(DeploymentTeam.id, DeploymentTeam.election_id == election_id),
            "note_id": one(DutyNote.id),
            "shift_id": one(DutyShift.id),
            "hand_over_id": one(HandOver.id),
            "duty_contact_id": one(DutyContact.id),
            "certificate_id": one(Certificate.id, Certificate.election_id == election_id),
            "batch_id": batch_id,
            "key_id": one(SigningKey.id),
            "place": 0,
            "reference": one(Certificate.portrait)[:32],
            "list_id": one(ObserverList.id),
            "number": one(ListRow.number),
        }


def _planned(election):
    """A plan that places one request and a paper of the first meeting."""
    meeting = db.session.scalars(
        sa.select(Meeting).where(Meeting.election_id == election.id).order_by(Meeting.id)
    ).first()
    request = db.session.scalars(
        sa.select(MeetingRequest).filter_by(election_id=election.id, status="received")
    ).first()
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
    officials = [row.id for row in meeting.officials]
    row = PlanRow(plan_id=plan.id, request_id=request.id, official_ids=officials, **place)
    db.session.add(row)
    paper = attach_document(actor=SYSTEM, meeting=meeting, filename="a.pdf", content=b"paper")
    return plan.id, paper.id, request.id


def address(rule, values):
    """A page's address with an existing record for every parameter."""
    return re.sub(r"<(?:[^<>]+:)?(\w+)>", lambda match: str(values[match[1]]), rule.rule)


def own_rules(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.endpoint.startswith("security."):
            continue
        yield rule


def test_every_route_declares_a_capability_and_types_its_parameters(app):
    for rule in own_rules(app):
        view = app.view_functions[rule.endpoint]
        assert isinstance(getattr(view, "capability", None), Capability), (
            f"{rule.endpoint} declares no capability: put @requires(Capability.…) on it"
        )
        for name, converter in rule._converters.items():
            kind = type(converter).__name__
            is_typed = kind in {"IntegerConverter", "AnyConverter"}
            free = {"election", "secret", "matter", "reference", "photo", "file"}
            assert is_typed or name in free, (
                f"{rule.endpoint}: give <{name}> a type, for example <int:{name}>"
            )


def test_routes_of_libraries_are_named(app):
    found = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {name for name in found if name.startswith("security.")} == set(LIBRARY_ENDPOINTS)


@pytest.mark.parametrize("role", Role)
def test_pages_answer_as_the_role_may(app, values, role):
    client = signed_in(app, role)
    for rule in own_rules(app):
        if "GET" not in rule.methods or rule.endpoint in NEEDS_MORE:
            continue
        path = address(rule, values)
        response = client.get(path, headers={"Accept-Language": "ru"})
        capability = app.view_functions[rule.endpoint].capability
        if capability in capabilities_of(frozenset({role})):
            scoped = role is Role.FOCAL_POINT and response.status_code == 404
            assert response.status_code in {200, 302, 422} or scoped, f"{role}: {path}"
        else:
            assert response.status_code == 403, f"{role}: {path}"


def test_a_stranger_is_sent_to_sign_in(app, values):
    client = app.test_client()
    for rule in own_rules(app):
        if "GET" not in rule.methods:
            continue
        path = address(rule, values)
        response = client.get(path)
        if app.view_functions[rule.endpoint].capability is Capability.PUBLIC:
            # A page for everybody may lead on, but never to the sign-in page.
            assert response.status_code in {200, 302, 503}, path
            assert "/sign-in" not in response.headers.get("Location", "")
        else:
            assert response.status_code == 302, path
            assert "/sign-in" in response.headers["Location"]


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_pages_answer_in_every_language(app, values, language):
    client = signed_in(app, Role.AUDITOR)
    client.set_cookie("language", language)
    paths = ("", "summary", "delegations/", "observers/", "totals/", "meetings/", "arrivals/")
    paths += ("requests/", "deployment/", "deployment/teams/", "digest")
    for path in (*paths, "duty/", "duty/roster/", "duty/contacts/"):
        page = client.get(f"/e/kz-2022/{path}").get_data(as_text=True)
        assert f'<html lang="{language}"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/e/none/",
        "/e/kz-2022/observers/999999999999999999999999",
        "/e/kz-2022/observers/0",
        "/e/kz-2022/delegations/999999",
        "/organizations/99999999999999999999",
    ],
)
def test_what_does_not_exist_is_said_plainly(app, path):
    response = signed_in(app, Role.REGISTRAR).get(path)
    assert response.status_code == 404
    assert "<h1>" in response.get_data(as_text=True)


@pytest.mark.parametrize("junk", ["%00", "x" * 3000, "💥", "-1", "2022-13-45T99:99", "a%27--"])
def test_no_parameter_breaks_a_list(app, junk):
    client = signed_in(app, Role.AUDITOR)
    names = NAMES
    for path in (
        "/e/kz-2022/",
        "/e/kz-2022/observers/",
        "/e/kz-2022/delegations/",
        "/e/kz-2022/meetings/",
        "/e/kz-2022/meetings/schedule",
        "/e/kz-2022/meetings/requests/",
        "/e/kz-2022/arrivals/",
        "/e/kz-2022/arrivals/list",
        "/e/kz-2022/deployment/",
        "/e/kz-2022/deployment/teams/",
        "/e/kz-2022/deployment/unplaced",
        "/e/kz-2022/deployment/print",
        "/e/kz-2022/duty/",
        "/e/kz-2022/duty/roster/",
        "/e/kz-2022/requests/",
        "/e/kz-2022/requests/1",
        "/e/kz-2022/totals/",
        "/e/kz-2022/digest",
        "/e/kz-2022/digest/preview",
        "/en/e/kz-2022/register",
        "/ru/display",
        "/organizations/",
        "/officials/4",
        "/audit/",
        "/search",
        "/search/palette",
    ):
        for name in names:
            assert client.get(f"{path}?{name}={junk}").status_code < 500, (path, name)


def test_exports_come_as_files(app):
    client = signed_in(app, Role.AUDITOR)
    for path in (
        "/e/kz-2022/observers/",
        "/e/kz-2022/delegations/",
        "/e/kz-2022/submissions/",
        "/e/kz-2022/submissions/1",
        "/e/kz-2022/meetings/",
        "/e/kz-2022/meetings/requests/",
        "/e/kz-2022/arrivals/list",
        "/e/kz-2022/deployment/",
        "/e/kz-2022/deployment/teams/",
        "/e/kz-2022/deployment/unplaced",
        "/e/kz-2022/duty/",
        "/e/kz-2022/requests/",
        "/e/kz-2022/totals/",
        "/organizations/",
        "/officials/",
        "/officials/institutions/",
        "/officials/halls/",
        "/officials/interpreters/",
        "/officials/travel/",
        "/audit/",
    ):
        for kind, magic in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            response = client.get(f"{path}?format={kind}")
            assert response.status_code == 200, path
            assert response.data.startswith(magic), path
            assert "attachment" in response.headers["Content-Disposition"]


def test_officials_take_no_files_and_see_no_personal_data(app, values):
    client = signed_in(app, Role.OFFICIAL)
    assert client.get("/e/kz-2022/observers/?format=csv").status_code == 403
    page = client.get(f"/e/kz-2022/observers/{values['accreditation_id']}").get_data(as_text=True)
    assert "Date of birth" not in page
    assert "example.org" not in page
