"""The legal window on pages: nobody is offered what the law refuses; who may is said."""

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role

HOME = "/e/kz-2022"
NEW = f"{HOME}/submissions/new"
PAGES = (f"{HOME}/submissions/", f"{HOME}/observers/1", f"{HOME}/delegations/1")
OFFER = f'href="{NEW}'
EARLY, LATE = NOW - timedelta(days=90), NOW + timedelta(days=8)


@pytest.fixture
def registered(app):
    """One who is registered."""
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = records.delegation(records.election())
        records.accreditation(
            delegation,
            status=AccreditationStatus.REGISTERED,
            person=records.observer(surname="KAYA"),
        )


@pytest.fixture
def registrar(registered, sign_in):
    return sign_in(Role.REGISTRAR)


@pytest.fixture
def administrator(registered, sign_in):
    return sign_in(Role.ADMINISTRATOR)


@pytest.mark.parametrize("page", PAGES)
def test_while_it_is_open_the_page_offers_to_submit(registrar, page):
    with clock.at(NOW):
        text = registrar.get(page).text
    assert OFFER in text
    assert "Accreditation closed on" not in text


@pytest.mark.parametrize("page", [*PAGES, NEW])
def test_after_the_close_the_page_says_why_not_and_who_may(administrator, registrar, page):
    with clock.at(LATE):
        text = registrar.get(page).text
    assert OFFER not in text
    assert "Accreditation closed on 14 Nov 2022" in text
    assert re.search(r"stands in the history: .*Person \d+", text)


def test_after_the_close_a_registrar_is_asked_for_nothing(registrar):
    with clock.at(LATE):
        text = registrar.get(NEW).text
        chosen = registrar.get(f"{HOME}/observers/").text
    assert "KAYA" in text
    assert "Submit the chosen" not in text
    assert 'name="observer"' not in chosen


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_submits_after_the_close_with_a_reason(administrator, page):
    with clock.at(LATE):
        assert OFFER in administrator.get(page).text
        form = administrator.get(NEW).text
        data = {"observer": ["1"], "override_reason": "Visa came late"}
        assert administrator.post(NEW, data=data).status_code == 302
    assert "override_reason" in form


def test_before_the_opening_the_page_says_from_when_on(administrator, registrar):
    with clock.at(EARLY):
        for browser in (administrator, registrar):
            text = browser.get(NEW).text
            assert "Accreditation opens on 22 Sep 2022" in text
            assert "Submit the chosen" not in text
