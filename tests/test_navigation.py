"""What stands beside and below a page, and for whom."""

import re

import pytest

from tests.factories import records
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

DELEGATIONS = "/e/kz-2022/delegations/"


@pytest.fixture
def page(app, sign_in):
    with app.app_context():
        expect_writes(True)
        records.delegation(records.election())
        db.session.commit()
    return lambda role, path=DELEGATIONS: sign_in(role).get(path).text


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.COORDINATOR, ["Headquarters", "Meetings", "Assistance requests", "Arrivals"]),
        (Role.OFFICIAL, ["Summary", "Headquarters", "Meetings", "Bulletins"]),
        (Role.REGISTRAR, ["Headquarters", "Delegations", "Observers", "Lists"]),
    ],
)
def test_a_telephone_has_the_pages_of_the_role_at_hand(page, role, first):
    below = page(role).split('<nav class="tabbar"')[1].split("</nav>")[0]
    assert re.findall(r"</svg>(.+?)</a>", below) == [*first, "More"]


@pytest.mark.parametrize("path", [DELEGATIONS, "/e/kz-2022/meetings/", "/menu"])
def test_no_heading_stands_before_that_of_the_page(page, path):
    before = page(Role.COORDINATOR, path).split("<h1")[0]
    beside = before.split('<nav class="nav"')[1].split("</nav>")[0]
    assert "Directories" in beside
    assert "<h" not in beside
