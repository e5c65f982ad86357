"""Pages of assistance requests on the demonstration: by hand of a coordinator and a delegation."""

import io
import re

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.logistics.models.assistance import AssistanceRequest, AssistanceStatus, CannedAnswer

BASE = "/e/kz-2022/requests/"


@pytest.fixture
def app(tmp_path):
    return demonstration(tmp_path)


def one(app, **values):
    with app.app_context():
        found = db.session.scalars(sa.select(AssistanceRequest).filter_by(**values)).unique().one()
        db.session.expunge_all()
        db.session.rollback()
        return found


def said(client, path, **data):
    return client.post(path, data=data, follow_redirects=True).get_data(as_text=True)


def test_one_request_of_the_demonstration_is_overdue_and_needs_action(app):
    client = signed_in(app, Role.COORDINATOR)
    page = client.get("/e/kz-2022/").get_data(as_text=True)
    assert "1 request is overdue" in page
    assert f'href="{BASE}?view=overdue"' in page
    rows = client.get(f"{BASE}?view=overdue").get_data(as_text=True)
    assert "Certificate lost in a taxi" in rows
    assert rows.count("<tr>") == 2


def test_from_a_new_request_to_a_settled_one(app):
    coordinator = signed_in(app, Role.COORDINATOR)
    assert "Which delegation asks?" in coordinator.get(f"{BASE}new").get_data(as_text=True)
    new = f"{BASE}new?delegation=1"
    assert coordinator.post(new, data={"kind": "visa", "priority": "high"}).status_code == 422
    page = said(coordinator, new, kind="visa", priority="high", title="A visa", text="For two")
    assert "The request is entered under No." in page
    found = one(app, title="A visa")
    path = f"{BASE}{found.id}"
    assert "Waiting" not in said(coordinator, f"{path}/wait", reason="x")
    assert one(app, id=found.id).status is AssistanceStatus.NEW
    assert "The request is with Daniyar Omar." in said(coordinator, f"{path}/assign", assignee_id=2)
    assert "The request is in progress." in said(coordinator, f"{path}/start", next=f"{BASE}board")
    refused = coordinator.post(f"{path}/decline", data={"reason": ""})
    assert refused.status_code == 422
    assert "Give the reason." in refused.get_data(as_text=True)
    page = said(coordinator, f"{path}/finish", reason="")
    assert "The request is done." in page
    assert one(app, id=found.id).settled_at


def test_moving_on_the_board_leads_back_to_the_board(app):
    client = signed_in(app, Role.COORDINATOR)
    found = one(app, title="List of polling stations abroad")
    path, data = f"{BASE}{found.id}/take", {"next": f"{BASE}board"}
    assert client.post(path, data=data).headers["Location"] == f"{BASE}board"
    colleague = signed_in(app, Role.REGISTRAR)
    refused = colleague.post(path, data=data)
    assert refused.status_code == 422, "an old board takes nothing away from a colleague"
    assert "This request stands otherwise by now" in refused.get_data(as_text=True)
    board = client.get(f"{BASE}board").get_data(as_text=True)
    column = board.split('id="column-assigned"')[1].split("</section>")[0]
    assert found.title in column


def test_a_delegation_sees_its_own_and_nothing_internal(app):
    client = signed_in(app, Role.FOCAL_POINT)
    page = client.get(f"{BASE}?view=all").get_data(as_text=True)
    assert "Certificate lost in a taxi" in page
    assert "CIS" not in page
    assert "Mine" not in page
    assert re.search(r'href="/e/kz-2022/meetings/requests/"', page), "it has both entries"
    own, foreign = one(app, title="An interpreter from Turkish for election day"), one(app, id=1)
    page = client.get(f"{BASE}{own.id}").get_data(as_text=True)
    assert "the contract is being signed" in page
    assert "Ask the university" not in page
    assert "Ask the university" in signed_in(app, Role.AUDITOR).get(f"{BASE}{own.id}").text
    for suffix in ("", "/edit", "/attachments/1"):
        assert client.get(f"{BASE}{foreign.id}{suffix}").status_code == 404
    for suffix in ("cancel", "comments", "attachments"):
        assert client.post(f"{BASE}{foreign.id}/{suffix}", data={}).status_code == 404
    for suffix in ("take", "assign", "start", "wait", "finish", "decline", "reopen", "merge"):
        assert client.post(f"{BASE}{own.id}/{suffix}", data={}).status_code == 403
    assert client.get(f"{BASE}answers/").status_code == 403
    assert client.get(f"{BASE}new?delegation=1").status_code == 404
    assert "Enter the assistance request" in client.get(f"{BASE}new").get_data(as_text=True)
    page = said(client, f"{BASE}{own.id}/comments", text="Thank you", is_internal="y")
    assert "The comment is added." in page
    assert "Thank you" in page


def test_attachments_come_as_files_only(app):
    client = signed_in(app, Role.COORDINATOR)
    path = f"{BASE}1/attachments"
    upload = {"document": (io.BytesIO(b"<script>alert(1)</script>"), "a.html")}
    assert client.post(path, data=upload).status_code == 302
    assert "The file is attached." in client.get(f"{BASE}1").get_data(as_text=True)
    response = client.get(f"{path}/1")
    assert response.data == b"<script>alert(1)</script>"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{BASE}2/attachments/1").status_code == 404


def test_a_ready_answer_is_put_into_the_comment_without_a_script(app):
    client = signed_in(app, Role.COORDINATOR)
    with app.app_context():
        answer = db.session.scalars(sa.select(CannedAnswer).filter_by(title_en="Received")).one()
        db.session.expunge_all()
        db.session.rollback()
    page = client.get(f"{BASE}5?answer={answer.id}-kk").get_data(as_text=True)
    assert f">\r\n{answer.text_kk}</textarea>" in page or f"{answer.text_kk}</textarea>" in page
    assert client.get(f"{BASE}5?answer=999-kk").status_code == 404
    page = said(client, f"{BASE}answers/{answer.id}/delete")
    assert "The answer is deleted." in page


def test_a_delegations_page_shows_what_is_open(app):
    lost = one(app, title="Certificate lost in a taxi")
    client = signed_in(app, Role.FOCAL_POINT)
    page = client.get(f"/e/kz-2022/delegations/{lost.delegation_id}").get_data(as_text=True)
    assert f'href="{BASE}{lost.id}"' in page
    assert "New certificate for an observer" not in page, "closed as a duplicate"
