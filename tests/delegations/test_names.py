"""What delegations are called where one is chosen: as the whole records say, in their order."""

import pytest
from flask_babel import force_locale

from tests.factories import records
from tracker.delegations.queries import delegation_names, delegations_of
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.i18n import LANGUAGES, localized
from tracker.kernel.permissions import Role


@pytest.fixture
def election(session):
    """An election with organizations and states, and another one."""
    found = records.election()
    for name in ("Öffentlichkeit", "Zed", "abc"):
        records.delegation(found, records.organization(acronym=None, name=name))
    records.delegation(
        found,
        records.organization(
            acronym=None, name_en="Aral", name_ru="Юг", name_kk="Қазақ", search_key="aral"
        ),
    )
    records.delegation(found, records.organization(acronym="SCO", name="Shanghai"))
    for code, name in (("TR", "Türkiye"), ("DE", "Germany")):
        records.delegation(found, records.state(code, name))
    records.delegation(records.election(slug="another"))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_those_of_the_records_in_their_order(app, election, language):
    with app.test_request_context(), force_locale(language):
        rows = delegations_of(SYSTEM, election.id)
        expected = [
            (row.id, row.organization.acronym or localized(row.organization, "name"))
            for row in rows
        ]
        found = delegation_names(SYSTEM, election.id)
    assert list(found.items()) == expected
    assert len(found) == 7


def test_a_focal_point_chooses_among_its_own(app, election):
    with app.test_request_context():
        own = next(iter(delegation_names(SYSTEM, election.id)))
        person = Actor(
            user_id=1,
            name="F",
            roles=frozenset({Role.FOCAL_POINT}),
            delegation_ids=frozenset({own}),
        )
        assert set(delegation_names(person, election.id)) == {own}
