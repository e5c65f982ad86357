"""A focal point sees its own delegation and can neither see nor guess another's."""

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.accreditation.models import Accreditation
from tracker.delegations.models import FocalPoint
from tracker.kernel.database import db
from tracker.kernel.permissions import Role


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
