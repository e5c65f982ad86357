"""Pages about deployment on the demonstration election, as people meet them."""

import re
from html import unescape

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.accreditation.models import Accreditation
from tracker.delegations.models import FocalPoint
from tracker.demonstration.installation import START
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.logistics.models.deployment import DeploymentTeam, TeamStatus

DEPLOYMENT = "/e/kz-2022/deployment/"
TEAMS = f"{DEPLOYMENT}teams/"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


def shown(client, path, status=200):
    with clock.at(START):
        response = client.get(path)
    assert response.status_code == status, path
    return response.get_data(as_text=True)


def sent(client, path, data):
    with clock.at(START):
        return client.post(path, data=data)


def one(app, **values):
    with app.app_context():
        query = sa.select(DeploymentTeam).filter_by(**values).order_by(DeploymentTeam.id)
        return db.session.scalars(query).first()


def members(app, team_id):
    with app.app_context():
        row = db.session.get_one(DeploymentTeam, team_id)
        return [each.accreditation_id for each in row.members]


def test_the_demonstration_stays_before_its_start(app):
    """A row recorded at the real moment would set the demonstration's clock to our days."""
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.max(DeploymentTeam.created_at))) < START


def test_regions_of_election_day_with_a_gap_and_crowds(app):
    page = shown(signed_in(app, Role.OFFICIAL), DEPLOYMENT)
    assert "Sun, 20 Nov 2022 · election day" in page
    assert 'title="Ulytau Region: 0 (Nobody)"' in page
    assert "Almaty (120), Astana (135)" in page
    assert "The even share of this day is 30.6 observers a region." in page
    figures = re.findall(r"<strong>(?:<a[^>]*>)?(\d+)", page)
    assert figures[:4] == ["612", "237", "19", "29"]
    assert "Nurlan Ospan" in page
    assert "338 ZZZ 13" in page
    assert "New team" not in page


def test_regions_of_another_day(app):
    client = signed_in(app, Role.COORDINATOR)
    page = shown(client, f"{DEPLOYMENT}?day=2022-10-26")
    assert re.findall(r"<strong>(?:<a[^>]*>)?(\d+)", page)[0] == "43"  # long-term and core team
    empty = shown(client, f"{DEPLOYMENT}?day=2022-10-01")
    assert "no team is planned for this day yet" in empty
    assert "(Nobody)" not in empty


def test_teams_are_narrowed_and_every_one_is_on_one_page(app):
    client, found, path = signed_in(app, Role.COORDINATOR), [], TEAMS
    while path:
        page = shown(client, path)
        found += re.findall(r'href="/e/kz-2022/deployment/teams/(\d+)"', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further and unescape(further[1])
    with app.app_context():
        ids = db.session.scalars(sa.select(DeploymentTeam.id))
        assert sorted(map(int, found)) == sorted(ids)
    page = shown(client, f"{TEAMS}?region=KZ-35&day=2022-11-20&status=confirmed")
    assert page.count("Karaganda Region") == 1 + len(set(re.findall(r"teams/(\d+)", page)))


def test_a_team_says_what_does_not_fit_and_how_it_came_about(app):
    torn = one(app, plate="338 ZZZ 13", region="KZ-61")
    page = shown(signed_in(app, Role.OFFICIAL), f"{TEAMS}{torn.id}")
    assert "The certificates of 5 people name another region." in page
    assert "Nurlan Ospan is counted on elsewhere then: Pavlodar Region." in page
    assert "338 ZZZ 13 is counted on elsewhere then: Pavlodar Region." in page
    assert "Region, days or people changed" in page
    assert "Choose people" not in page


def test_who_has_no_place_is_listed(app):
    client = signed_in(app, Role.COORDINATOR)
    page = shown(client, f"{DEPLOYMENT}unplaced")
    assert "29 accredited observers have no place on 20 Nov 2022" in page
    sco = re.search(r'deployment/delegations/(\d+)">SCO<', page)[1]
    page = shown(client, f"{DEPLOYMENT}unplaced?delegation={sco}")
    assert "19 accredited observers" in page
    assert "Without a place on election day" in shown(client, f"{DEPLOYMENT}delegations/{sco}")


def test_a_focal_point_sees_its_own_plan_and_changes_nothing(app):
    with app.app_context():
        own = db.session.scalars(sa.select(FocalPoint.delegation_id)).one()
    mine = one(app, delegation_id=own)
    with app.app_context():
        query = sa.select(DeploymentTeam.id).where(DeploymentTeam.delegation_id != own)
        other = db.session.scalars(query.limit(1)).one()
        stranger = db.session.get_one(DeploymentTeam, other).delegation_id
    client = signed_in(app, Role.FOCAL_POINT)
    page = shown(client, TEAMS)
    assert 'aria-current="page"' in page
    assert f"teams/{mine.id}" in page
    assert f'teams/{other}"' not in page
    assert f"deployment/delegations/{own}" in page
    shown(client, f"{TEAMS}{mine.id}")
    shown(client, f"{DEPLOYMENT}delegations/{own}")
    assert "Deployment" in shown(client, f"/e/kz-2022/delegations/{own}")
    with clock.at(START):
        paper = client.get(f"{DEPLOYMENT}delegations/{own}/print")
    assert paper.data.startswith(b"%PDF")
    for path in (f"teams/{other}", f"delegations/{stranger}", f"delegations/{stranger}/print"):
        shown(client, f"{DEPLOYMENT}{path}", 404)
    for path in ("", "unplaced", "print", "import", "teams/new", f"teams/{mine.id}/edit"):
        shown(client, f"{DEPLOYMENT}{path}", 403)
    assert sent(client, f"{TEAMS}{mine.id}/cancel", {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_plan_is_printed_in_every_language(app, language):
    client = signed_in(app, Role.COORDINATOR)
    for query in ("by=region&day=2022-11-20", "by=delegation", "day=2022-10-01"):
        with clock.at(START):
            response = client.get(f"{DEPLOYMENT}print?{query}&language={language}")
        assert response.data.startswith(b"%PDF")


def test_an_observers_page_says_where_they_are(app):
    torn = one(app, plate="338 ZZZ 13", region="KZ-61")
    client = signed_in(app, Role.OFFICIAL)
    pages = [shown(client, f"/e/kz-2022/observers/{key}") for key in members(app, torn.id)]
    assert all("Turkistan Region" in page for page in pages)
    assert sum("not the region of the certificate" in page for page in pages) == 5


def test_from_planning_to_cancelling_by_hand(app):
    client = signed_in(app, Role.REGISTRAR)
    page = shown(client, f"{DEPLOYMENT}unplaced")
    sco = int(re.search(r'deployment/delegations/(\d+)">SCO<', page)[1])
    typed = {
        "delegation_id": sco,
        "name": " A  1 ",
        "region": "KZ-62",
        "starts_on": "2022-11-18",
        "ends_on": "2022-11-21",
    }
    refused = sent(client, f"{TEAMS}new", typed | {"region": "", "ends_on": "2022-11-17"})
    assert refused.status_code == 422
    assert "Choose a region." in refused.get_data(as_text=True)
    refused = sent(client, f"{TEAMS}new", typed | {"ends_on": "2022-11-17"})
    assert "The last day cannot be before the first." in refused.get_data(as_text=True)
    path = sent(client, f"{TEAMS}new", typed).headers["Location"]
    team_id = int(re.search(r"teams/(\d+)/members", path)[1])
    free = re.findall(r'name="members" value="(\d+)"', shown(client, path))
    assert len(free) == 19
    version = one(app, id=team_id).version
    chosen = {"members": free[:3], "version": version}
    assert sent(client, path, chosen).status_code == 302
    assert sent(client, path, chosen | {"members": free}).status_code == 422  # stale
    assert len(members(app, team_id)) == 3
    assert 'title="Ulytau Region: 3"' in shown(client, DEPLOYMENT)

    second = sent(client, f"{TEAMS}new", typed | {"name": "2", "region": "KZ-71"})
    other = second.headers["Location"]
    wrong = {"members": free[:1], "version": 1}  # from a page that was open since before
    refused = sent(client, other, wrong).get_data(as_text=True)
    assert "is in team A 1 from 18 November 2022 to 21 November 2022: Ulytau Region." in refused

    page = f"{TEAMS}{team_id}"
    assert sent(client, f"{page}/confirm", {}).status_code == 302
    assert sent(client, f"{page}/confirm", {}).status_code == 409
    form = typed | {"name": "A 1", "place": "Jezkazgan", "version": one(app, id=team_id).version}
    assert sent(client, f"{page}/edit", form).status_code == 302
    assert "Jezkazgan" in shown(client, page)
    assert sent(client, f"{page}/edit", form).status_code == 422  # stale
    assert sent(client, f"{page}/cancel", {"reason": ""}).status_code == 422
    assert sent(client, f"{page}/cancel", {"reason": "No road"}).status_code == 302
    assert "No road" in shown(client, page)
    assert one(app, id=team_id).status is TeamStatus.CANCELLED
    assert sent(client, other, wrong).status_code == 302
    with app.app_context():
        assert db.session.get(Accreditation, int(free[0])).delegation_id == sco
