"""A focal point sees its own delegation and can neither see nor guess another's."""

import re

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.accreditation.models import Accreditation
from tracker.delegations.models import FocalPoint
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.observers.models import Observer


@pytest.fixture
def app(tmp_path):
    return demonstration(tmp_path)


def test_its_own_and_nobody_elses(app):
    with app.app_context():
        own = db.session.scalars(sa.select(FocalPoint.delegation_id)).one()
        mine = db.session.scalars(
            sa.select(Accreditation.id).where(Accreditation.delegation_id == own)
        ).all()
        others = db.session.scalars(
            sa.select(Accreditation.id).where(Accreditation.delegation_id != own).limit(5)
        ).all()
        db.session.rollback()
    client = signed_in(app, Role.FOCAL_POINT)
    page = client.get("/e/kz-2022/delegations/").get_data(as_text=True)
    assert "TURKPA" in page
    assert "OSCE" not in page
    rows = client.get("/e/kz-2022/observers/").get_data(as_text=True)
    assert "9 observers match" in rows
    for path in ("observers", "certificates"):
        page = client.get(f"/e/kz-2022/{path}/").get_data(as_text=True)
        assert 'name="function"' in page
        assert 'name="delegation"' not in page, "there is one to choose from"
        everybody = signed_in(app, Role.OFFICIAL).get(f"/e/kz-2022/{path}/")
        assert 'name="delegation"' in everybody.get_data(as_text=True)
    rows = client.get("/e/kz-2022/observers/?delegation=1").get_data(as_text=True)
    assert "0 observers match" in rows
    assert client.get(f"/e/kz-2022/delegations/{own}").status_code == 200
    assert client.get(f"/e/kz-2022/delegations/{own + 1}").status_code == 404
    assert client.get(f"/e/kz-2022/observers/{mine[0]}").status_code == 200
    assert client.get(f"/e/kz-2022/observers/{mine[0]}/portrait").status_code == 200
    for accreditation_id in others:
        for suffix in ("", "/portrait"):
            path = f"/e/kz-2022/observers/{accreditation_id}{suffix}"
            assert client.get(path).status_code == 404
    assert client.post(f"/e/kz-2022/observers/{mine[0]}/document").status_code == 403
    assert "Nothing was found" in client.get("/search?q=smirnov").get_data(as_text=True)


def test_an_upload_that_is_too_large_is_said_plainly(app):
    client = signed_in(app, Role.REGISTRAR)
    response = client.post("/e/practice/observers/new", data={"surname": "x" * 13_000_000})
    assert response.status_code == 413
    assert "too large" in response.get_data(as_text=True)


def test_citizenships_to_choose_from_are_those_that_people_have(app):
    """Nobody seeks among all the states of the world, nor learns of those of others."""
    with app.app_context():
        own = db.session.scalars(sa.select(FocalPoint.delegation_id)).one()
        query = sa.select(Observer.citizenship, Accreditation.delegation_id).join(Accreditation)
        found = db.session.execute(
            query.join(Election).where(
                Election.slug == "kz-2022", Observer.citizenship.is_not(None)
            )
        ).all()
        db.session.rollback()
    everybodys = {row.citizenship for row in found}
    mine = {row.citizenship for row in found if row.delegation_id == own}
    assert len(mine) < len(everybodys) < 60
    for role, expected in ((Role.OFFICIAL, everybodys), (Role.FOCAL_POINT, mine)):
        page = signed_in(app, role).get("/e/kz-2022/observers/?citizenship=").get_data(as_text=True)
        select = re.search('<select [^>]*id="citizenship".*?</select>', page, re.S)[0]
        assert set(re.findall('value="([A-Z]+)"', select)) == expected
    page = signed_in(app, Role.OFFICIAL).get("/e/kz-2022/observers/?citizenship=AQ")
    assert '<option value="AQ" selected>Antarctica</option>' in page.get_data(as_text=True)
