"""Pages of long submissions: a page at a time, and what is chosen for all counts for all."""

import re

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

S = AccreditationStatus
NEW = "/e/kz-2022/submissions/new"
ONE = "/e/kz-2022/submissions/1"
DECIDE = f"{ONE}/decide"
RESOLUTION = {
    "resolution_number": "12/34",
    "effective_at": f"{clock.local(NOW, 'Asia/Almaty'):%Y-%m-%dT%H:%M}",
}


@pytest.fixture(autouse=True)
def _open():
    with clock.at(NOW):
        yield


@pytest.fixture
def registered(app, monkeypatch):
    """Seven who are registered, and pages of three."""
    monkeypatch.setattr("tracker.accreditation.queries.decisions.SIZE", 3)
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = records.delegation(records.election())
        for number in range(7):
            person = records.observer(surname=f"KAYA{number}")
            records.accreditation(delegation, status=S.REGISTERED, person=person)


@pytest.fixture
def registrar(registered, sign_in):
    return sign_in(Role.REGISTRAR)


@pytest.fixture
def commission(registrar, sign_in):
    """The commission's browser, once everybody is submitted."""
    assert registrar.post(NEW, data={"everybody": "1"}).status_code == 302
    return sign_in(Role.COMMISSION)


def names(response):
    return list(dict.fromkeys(re.findall(r"KAYA\d", response.text)))


def following(response, rel="next"):
    return re.search(rf'rel="{rel}" href="([^"]+)"', response.text)[1].replace("&amp;", "&")


def statuses(app):
    with app.app_context():
        query = sa.select(Accreditation.status).order_by(Accreditation.sort_name)
        return db.session.scalars(query).all()


def test_who_may_be_submitted_is_shown_a_page_at_a_time(app, registrar):
    first = registrar.get(NEW)
    assert names(first) == ["KAYA0", "KAYA1", "KAYA2"]
    second = registrar.get(following(first))
    assert names(second) == ["KAYA3", "KAYA4", "KAYA5"]
    assert names(registrar.get(following(second, "prev"))) == ["KAYA0", "KAYA1", "KAYA2"]
    chosen = re.findall(r'name="observer" value="(\d+)"', second.text)
    assert registrar.post(NEW, data={"observer": chosen}).status_code == 302
    assert statuses(app) == [S.REGISTERED] * 3 + [S.SUBMITTED] * 3 + [S.REGISTERED]


def test_whom_the_address_names_is_shown_and_chosen(registrar):
    page = registrar.get(f"{NEW}?observer=6")
    assert names(page) == ["KAYA5", "KAYA0", "KAYA1", "KAYA2"]
    assert re.findall(r'value="(\d+)"[^>]* checked', page.text) == ["6"]


def test_in_a_large_delegation_only_who_is_named_can_be_replaced(app, registrar, monkeypatch):
    monkeypatch.setattr("tracker.accreditation.queries.applications.MOST_REPLACEABLE", 2)
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = db.session.scalars(sa.select(Delegation)).one()
        gone = [records.accreditation(delegation, status=S.ACCREDITED).id for _number in range(3)]
        key = delegation.id
    address = f"/e/kz-2022/observers/new?delegation={key}"
    assert f'value="{gone[1]}"' not in registrar.get(address).text
    assert (
        f'<option selected value="{gone[1]}">'
        in registrar.get(f"{address}&replaces={gone[1]}").text
    )


def test_everybody_is_submitted_whatever_the_page_shows(app, registrar):
    assert registrar.post(NEW, data={"everybody": "1", "observer": ["1"]}).status_code == 302
    assert statuses(app) == [S.SUBMITTED] * 7


def test_the_submission_is_shown_a_page_at_a_time(commission):
    first = commission.get(ONE)
    assert names(first) == ["KAYA0", "KAYA1", "KAYA2"]
    assert "Decide 7 candidates" in first.text
    assert names(commission.get(following(first))) == ["KAYA3", "KAYA4", "KAYA5"]


def test_what_is_chosen_for_all_counts_for_who_is_on_no_page(app, commission):
    page = commission.get(DECIDE)
    assert "Shown here: 3." in page.text
    assert "everybody who waits: 7." in page.text
    response = commission.post(DECIDE, data=RESOLUTION | {"all": "accredited"})
    assert response.status_code == 302
    assert statuses(app) == [S.ACCREDITED] * 7
    resolution = commission.get("/e/kz-2022/resolutions/1")
    assert names(resolution) == ["KAYA0", "KAYA1", "KAYA2"]
    assert names(commission.get(following(resolution))) == ["KAYA3", "KAYA4", "KAYA5"]


def test_a_page_is_decided_by_itself_and_the_rest_waits(app, commission):
    second = following(commission.get(DECIDE))
    items = re.findall(r'name="decision-(\d+)"', commission.get(second).text)
    chosen = {f"decision-{item}": "accredited" for item in items}
    assert commission.post(second, data=RESOLUTION | chosen).status_code == 302
    assert statuses(app) == [S.SUBMITTED] * 3 + [S.ACCREDITED] * 3 + [S.SUBMITTED]
    listed = commission.get("/e/kz-2022/submissions/")
    assert "4 await a decision" in listed.text


def test_what_was_chosen_is_not_lost_when_it_cannot_be_recorded(app, commission):
    items = re.findall(r'name="decision-(\d+)"', commission.get(DECIDE).text)
    last = str(int(items[-1]) + 4)
    response = commission.post(DECIDE, data=RESOLUTION | {f"decision-{last}": "refused"})
    assert response.status_code == 422
    assert sorted(names(response)) == ["KAYA0", "KAYA1", "KAYA2", "KAYA6"]
    shown = response.text.partition(f'name="decision-{last}"')[2]
    assert '<option value="refused" selected>' in shown.partition("</select>")[0]
    assert set(statuses(app)) == {S.SUBMITTED}


def test_one_delegation_is_decided_by_itself(app, registrar, sign_in):
    with app.app_context(), unit_of_work(SYSTEM):
        election = db.session.scalars(sa.select(Election)).one()
        other = records.delegation(election, records.organization(acronym="TURKPA"))
        person = records.observer(surname="KAYA7")
        records.accreditation(other, status=S.REGISTERED, person=person)
        key = other.id
    assert registrar.post(NEW, data={"everybody": "1"}).status_code == 302
    commission = sign_in(Role.COMMISSION)
    assert "TURKPA (1)" in commission.get(DECIDE).text
    page = commission.get(f"{DECIDE}?delegation={key}")
    assert names(page) == ["KAYA7"]
    assert "All candidates of TURKPA" in page.text
    address = re.search(r'method="post" action="([^"]+decide[^"]+)"', page.text)[1]
    address = address.replace("&amp;", "&")
    assert commission.post(address, data=RESOLUTION | {"all": "accredited"}).status_code == 302
    assert statuses(app) == [S.SUBMITTED] * 7 + [S.ACCREDITED]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_resolution_is_given_out_as_a_file(commission, kind):
    commission.post(DECIDE, data=RESOLUTION | {"all": "accredited"})
    page = "/e/kz-2022/resolutions/1"
    assert f"format={kind}" in commission.get(page).text
    response = commission.get(f"{page}?format={kind}")
    assert f"resolution-12-34.{kind}" in response.headers["Content-Disposition"]
    if kind == "csv":
        assert len(set(names(response))) == 7
        assert "Accredited" in response.text


def test_a_refusal_without_its_ground_says_whose(commission):
    items = re.findall(r'name="decision-(\d+)"', commission.get(DECIDE).text)[:2]
    chosen = {f"decision-{item}": "refused" for item in items}
    response = commission.post(DECIDE, data=RESOLUTION | chosen)
    assert response.status_code == 422
    for name in ("KAYA0 ANNA", "KAYA1 ANNA"):
        assert f"{name}: Choose a ground from the list." in response.text


def test_what_another_decided_meanwhile_is_told_and_nothing_is_recorded(app, commission):
    """Of two who decide at once the second learns that one of theirs was decided otherwise."""
    one, other = re.findall(r'name="decision-(\d+)"', commission.get(DECIDE).text)[:2]
    first = RESOLUTION | {f"decision-{one}": "accredited"}
    assert commission.post(DECIDE, data=first).status_code == 302
    second = {f"decision-{one}": "refused", f"ground-{one}": "late"}
    second |= {f"decision-{other}": "accredited"}
    response = commission.post(DECIDE, data=RESOLUTION | second)
    assert response.status_code == 422
    assert "Decided meanwhile: KAYA0 ANNA." in response.text
    assert statuses(app) == [S.ACCREDITED] + [S.SUBMITTED] * 6
    shown = response.text.partition(f'name="decision-{other}"')[2]
    assert '<option value="accredited" selected>' in shown.partition("</select>")[0]


def test_a_step_too_early_says_which_stood_since_when(commission):
    item = re.search(r'name="decision-(\d+)"', commission.get(DECIDE).text)[1]
    early = RESOLUTION | {"effective_at": "2022-10-01T10:00", f"decision-{item}": "accredited"}
    response = commission.post(DECIDE, data=early)
    assert response.status_code == 422
    assert re.search("KAYA0 ANNA: “Submitted” since [^<]+2022[^<]+, which is later", response.text)
