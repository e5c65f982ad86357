"""Pages about arrivals and departures on the demonstration election, as people meet them."""

import re
from html import unescape

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.delegations.models import FocalPoint
from tracker.demonstration.installation import START
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.logistics.models.movements import Direction, Movement, MovementStatus

ARRIVALS = "/e/kz-2022/arrivals/"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


def shown(client, path, status=200):
    with clock.at(START):
        response = client.get(path)
    assert response.status_code == status, path
    return response.get_data(as_text=True)


def one(app, **values):
    with app.app_context():
        return db.session.scalars(
            sa.select(Movement).filter_by(**values).order_by(Movement.id)
        ).first()


def test_the_demonstration_stays_before_its_start(app):
    """A row recorded at the real moment would set the demonstration's clock to our days."""
    client = signed_in(app, Role.COORDINATOR)
    assert "Fri, 18 Nov 2022 · today" in client.get(ARRIVALS).get_data(as_text=True)


def test_the_board_shows_today_and_tomorrow_and_what_was_changed(app):
    page = shown(signed_in(app, Role.OFFICIAL), ARRIVALS)
    assert "84 people arrive · 3 people leave" in page
    assert "Sat, 19 Nov 2022" in page
    assert "Changed at 09:20, was 11:40" in page
    assert "New arrival or departure" not in page
    page = shown(signed_in(app, Role.COORDINATOR), f"{ARRIVALS}?day=2022-11-21")
    assert "Sat, 19 Nov 2022" not in page
    assert "TURKPA" in page


def test_who_leaves_is_seen_off_and_not_met(app):
    client = signed_in(app, Role.COORDINATOR)
    page = shown(client, f"{ARRIVALS}?day=2022-11-18")
    arrivals, departures = page.count("Met by: "), page.count("Seen off by: ")
    assert arrivals
    assert departures
    for direction, words in ((Direction.ARRIVAL, "Met by"), (Direction.DEPARTURE, "Seen off by")):
        number = one(app, direction=direction).id
        assert f"<dt>{words}</dt>" in shown(client, f"{ARRIVALS}{number}")


def test_the_list_is_narrowed_and_paged(app):
    client = signed_in(app, Role.COORDINATOR)
    assert "Next page" in shown(client, f"{ARRIVALS}list")
    page = shown(client, f"{ARRIVALS}list?direction=departure&day=2022-11-18")
    assert page.count("ZZ 119") == page.count("ZZ 651") == 1
    assert "ZZ 123" not in page


def test_the_dashboard_says_who_arrives_and_whose_arrival_is_unknown(app):
    client = signed_in(app, Role.COORDINATOR)
    page = shown(client, "/e/kz-2022/")
    assert "20 observers have no arrival" in page
    assert "Nobody meets them yet" in page
    assert "20 observers match" in shown(client, "/e/kz-2022/observers/?missing=arrival")


def test_a_focal_point_sees_its_own_arrivals_and_no_others(app):
    with app.app_context():
        own = db.session.scalars(sa.select(FocalPoint.delegation_id)).one()
    mine, other = one(app, delegation_id=own), one(app, number="ZZ 417")
    client = signed_in(app, Role.FOCAL_POINT)
    page = shown(client, f"/e/kz-2022/delegations/{own}")
    assert "Arrivals and departures" in page
    assert "ZZ 123" in page
    assert "ZZ 417" not in page
    assert "Hotel" in shown(client, f"{ARRIVALS}{mine.id}")
    shown(client, f"{ARRIVALS}{other.id}", 404)
    for path in ("", "list", "print", "new", f"{mine.id}/edit"):
        shown(client, f"{ARRIVALS}{path}", 403)
    assert client.post(f"{ARRIVALS}{mine.id}/cancel", data={"reason": "x"}).status_code == 403


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_a_day_is_printed_in_every_language(app, language):
    client = signed_in(app, Role.COORDINATOR)
    for day in ("2022-11-18", "2022-12-24"):  # full and empty
        with clock.at(START):
            response = client.get(f"{ARRIVALS}print?day={day}&language={language}")
        assert response.data.startswith(b"%PDF")


def test_from_entering_to_done_by_hand(app):
    client = signed_in(app, Role.REGISTRAR)
    typed = {
        "delegation_id": one(app, number="ZZ 118").delegation_id,
        "direction": "arrival",
        "means": "flight",
        "number": " ZZ  9 ",
        "point_id": 1,
        "day": "2022-11-18",
        "moves": "09:30",
        "people": "2",
    }
    with clock.at(START):
        refused = client.post(f"{ARRIVALS}new", data=typed | {"number": "", "people": ""})
        assert refused.status_code == 422
        page = refused.get_data(as_text=True)
        assert "Give the number of the flight or train." in page
        assert "Give a number of people, or name them." in page
        path = client.post(f"{ARRIVALS}new", data=typed).headers["Location"]
        assert client.post(f"{path}/finish").status_code == 409  # nobody has confirmed it
        client.post(f"{path}/confirm")
        form = typed | {"moves": "09:50", "version": one(app, number="ZZ 9").version}
        assert client.post(f"{path}/edit", data=form).status_code == 302
        assert "Changed at 10:40, was 09:30" in client.get(path).get_data(as_text=True)
        assert client.post(f"{path}/edit", data=form).status_code == 422  # stale
        client.post(f"{path}/finish")
        assert client.post(f"{path}/cancel", data={"reason": ""}).status_code == 422
    assert one(app, number="ZZ 9").status is MovementStatus.DONE


def test_points_are_entered_and_taken_out_of_use(app):
    client = signed_in(app, Role.COORDINATOR)
    names = {"name_en": "Khorgos", "name_ru": "Хоргос", "name_kk": "Қорғас"}
    typed = {"kind": "border_crossing", **names, "is_active": "y"}
    assert client.post("/points/new", data=typed | {"name_en": ""}).status_code == 422
    assert client.post("/points/new", data=typed).status_code == 302
    assert "Khorgos" in shown(client, "/points/")
    del typed["is_active"]
    assert client.post("/points/5/edit", data=typed | {"version": "1"}).status_code == 302
    assert "Khorgos" not in shown(client, f"{ARRIVALS}new")


def test_every_row_is_on_one_page_of_the_list(app):
    client, found, path = signed_in(app, Role.OFFICIAL), [], f"{ARRIVALS}list"
    while path:
        page = shown(client, path)
        found += re.findall(r'href="/e/kz-2022/arrivals/(\d+)"', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further and unescape(further[1])
    with app.app_context():
        assert sorted(map(int, found)) == sorted(db.session.scalars(sa.select(Movement.id)))
