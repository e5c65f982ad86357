"""The first-run tour: offered once, a step a page, only pages that the person may open."""

import re

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.accounts.models import User
from tracker.demonstration import installation
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.permissions import Capability, Role
from tracker.navigation.tour_steps import TOURS
from tracker.navigation.tours import LONGEST, steps_for


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("tours"))


def new_here(app, role):
    """A browser of the role's person, who has not seen the tour yet."""
    with app.app_context():
        address = installation.address_of(role)
        db.session.execute(sa.update(User).where(User.email == address).values(toured_at=None))
        db.session.commit()
    return signed_in(app, role)


def page_of(client, path):
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


def next_of(page):
    found = re.search(r'<a class="btn pri" href="([^"]+#tour)">', page)
    return found[1].replace("&amp;", "&") if found else None


@pytest.mark.parametrize("role", Role)
def test_every_step_is_a_page_that_the_role_may_open(app, role):
    client = new_here(app, role)
    page = page_of(client, "/")
    assert 'id="tour"' in page
    assert "Not now" in page
    seen = 0
    address = next_of(page)
    while address:
        page = page_of(client, address)
        seen += 1
        assert f"step {seen} of {len(TOURS[role])}" in page, address
        address = next_of(page)
    assert seen == len(TOURS[role])
    assert 4 <= seen <= LONGEST


@pytest.mark.parametrize("role", Role)
def test_steps_are_within_the_capabilities(app, role):
    actor = Actor(user_id=1, name="x", roles=frozenset({role}))
    with app.test_request_context():
        for step in TOURS[role]:
            assert actor.may(app.view_functions[step.endpoint].capability), step.endpoint
        nobody = Actor(user_id=1, name="x", roles=frozenset())
        assert steps_for(nobody, None) == []
        assert all(
            not app.url_map.is_endpoint_expecting(step.endpoint, "election")
            for step in steps_for(actor, None)
        )


def test_a_page_that_is_not_theirs_is_no_step(app, monkeypatch):
    steps = TOURS[Role.OFFICIAL] + TOURS[Role.ADMINISTRATOR]
    monkeypatch.setitem(TOURS, Role.OFFICIAL, steps)
    page = page_of(new_here(app, Role.OFFICIAL), "/")
    count = len({step.endpoint for step in TOURS[Role.OFFICIAL] if step.endpoint in PUBLIC_TO_ALL})
    assert f"on {count} pages" in page


PUBLIC_TO_ALL = {
    *("headquarters.summary", "headquarters.dashboard", "meetings.index"),
    *("publications.bulletins", "accounts.account"),
}


def test_who_puts_it_off_is_not_asked_again_and_can_take_it_later(app):
    client = new_here(app, Role.REGISTRAR)
    here = "/e/kz-2022/"
    assert "Not now" in page_of(client, here)
    assert "Not now" not in page_of(client, "/e/kz-2022/observers/")
    response = client.post("/account/tour/end", data={"next": here})
    assert response.location == here
    page = page_of(client, here)
    assert 'id="tour"' not in page
    assert "Take the tour again" in page
    assert "step 1 of 7" in page_of(client, f"{here}?tour=1")


def test_the_first_moment_is_kept(app):
    client = new_here(app, Role.REGISTRAR)
    moments = set()
    for _time in range(2):
        client.post("/account/tour/end")
        with app.app_context():
            moments.add(
                db.session.scalar(
                    sa.select(User.toured_at).where(
                        User.email == installation.address_of(Role.REGISTRAR)
                    )
                )
            )
    assert len(moments) == 1
    assert None not in moments


@pytest.mark.parametrize("asked", ["0", "9", "-1", "x", "٣", "9" * 30, ""])
def test_no_step_stands_where_there_is_none(app, asked):
    page = page_of(signed_in(app, Role.REGISTRAR), f"/e/kz-2022/?tour={asked}")
    assert 'id="tour"' not in page


def test_a_step_is_drawn_on_its_own_page_only(app):
    assert 'id="tour"' not in page_of(signed_in(app, Role.REGISTRAR), "/e/kz-2022/?tour=2")


def test_ending_it_stays_on_the_page_with_its_filters(app):
    page = page_of(signed_in(app, Role.REGISTRAR), "/e/kz-2022/observers/?q=ä b&tour=4")
    assert 'name="next" value="/e/kz-2022/observers/?q=%C3%A4+b"' in page


def test_signed_in_is_what_ending_takes(app):
    assert app.view_functions["accounts.end_tour"].capability is Capability.SIGNED_IN
    assert app.test_client().post("/account/tour/end").status_code == 302
