"""Acronyms in three languages: each taken once, every reader shown their own, found by any."""

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from tests.factories import records, tokens
from tracker.accreditation.models import AccreditationStatus
from tracker.delegations.operations import merge_organizations
from tracker.delegations.queries import delegation_names, delegations_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.errors import Refused, Several
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role
from tracker.kernel.text import search_key
from tracker.lists.commands import delegation_named
from tracker.logistics.sheets import senders_of
from tracker.organizations import operations
from tracker.organizations.labels import acronym_of, names_of_sender, sender_name
from tracker.organizations.models import ACRONYMS, OrganizationKind
from tracker.organizations.operations import (
    OrganizationDetails,
    create_organization,
    update_organization,
)
from tracker.organizations.queries import rank_of, sender_in
from tracker.totals.queries import figures
from tracker.totals.senders import called
from tracker.totals.senders import senders_of as register_of

ODIHR = {"acronym": "OSCE/ODIHR", "acronym_ru": "БДИПЧ ОБСЕ", "acronym_kk": "ЕҚЫҰ ДИАҚБ"}
NAMES = {"name_en": "Office", "name_ru": "Бюро", "name_kk": "Кеңсе"}
SHOWN = {"en": "OSCE/ODIHR", "ru": "БДИПЧ ОБСЕ", "kk": "ЕҚЫҰ ДИАҚБ"}


def details(**values):
    kind = OrganizationKind.PARLIAMENTARY_ASSEMBLY
    return OrganizationDetails(**{"kind": kind, "acronym": None, **NAMES} | values)


@pytest.fixture
def odihr(session):
    return create_organization(actor=SYSTEM, details=details(**ODIHR))


def refusals(**values):
    with pytest.raises(Several) as caught:
        create_organization(actor=SYSTEM, details=details(**values))
    return [(each.field, str(each)) for each in caught.value.refusals]


@pytest.mark.parametrize("column", ACRONYMS.values())
def test_an_acronym_is_taken_once_in_its_language_in_whatever_letters(odihr, column):
    said = "Office already has this acronym."
    for text in (ODIHR[column], ODIHR[column].lower(), ODIHR[column].title()):
        assert refusals(**{column: text}) == [(column, said)]
    other = create_organization(actor=SYSTEM, details=details(**{column: "ANOTHER"}))
    around = {"actor": SYSTEM, "organization": other, "seen_version": other.version}
    with pytest.raises(Refused, match=said):
        update_organization(**around, details=details(**{column: ODIHR[column]}))
    own = {"actor": SYSTEM, "organization": odihr, "seen_version": odihr.version}
    update_organization(**own, details=details(**ODIHR))


def test_all_that_are_taken_are_said_at_once_in_the_readers_language(app, odihr):
    assert [field for field, _text in refusals(**ODIHR)] == [*ACRONYMS.values()]
    with app.test_request_context(), force_locale("ru"):
        assert refusals(acronym_kk=ODIHR["acronym_kk"]) == [
            ("acronym_kk", "Бюро already has this acronym.")
        ]


def test_a_duplicate_that_was_merged_leaves_its_acronyms_free(odihr):
    merge_organizations(actor=SYSTEM, duplicate=odihr, into=records.organization())
    create_organization(actor=SYSTEM, details=details(**ODIHR))


@pytest.mark.parametrize("column", ACRONYMS.values())
def test_the_database_refuses_who_came_a_moment_later(odihr, monkeypatch, column):
    monkeypatch.setattr(operations, "_check_free", lambda *_details, **_but: None)
    with pytest.raises(Refused, match="was added by somebody else at the same moment") as caught:
        create_organization(actor=SYSTEM, details=details(**{column: ODIHR[column]}))
    assert caught.value.field == column


SENDERS = (
    (ODIHR, SHOWN),
    ({"acronym": "TWESCO"}, dict.fromkeys(LANGUAGES, "TWESCO")),
    ({"acronym_ru": "СНГ"}, {"en": "Office", "ru": "СНГ", "kk": "Кеңсе"}),
    ({}, {"en": "Office", "ru": "Бюро", "kk": "Кеңсе"}),
)


@pytest.mark.parametrize(("acronyms", "shown"), SENDERS)
def test_a_reader_sees_the_own_acronym_or_else_the_latin_one(app, session, acronyms, shown):
    row = create_organization(actor=SYSTEM, details=details(**acronyms))
    assert names_of_sender(row) == shown
    for code in LANGUAGES:
        with app.test_request_context(), force_locale(code):
            assert sender_name(row) == shown[code]
            assert acronym_of(row) == (shown[code] if shown[code] not in NAMES.values() else None)
        assert session.scalar(sa.select(sender_in(code))) == shown[code]


@pytest.mark.parametrize(
    "text", ["OSCE/ODIHR", "odihr", "БДИПЧ", "бдипч обсе", "bdipch", "ЕҚЫҰ ДИАҚБ", "диақб", "diaqb"]
)
def test_it_is_found_by_any_of_its_acronyms_in_any_alphabet(odihr, text):
    assert rank_of(odihr, text) is not None
    assert rank_of(records.organization(name="Another"), text) is None


@pytest.mark.parametrize("text", [*ODIHR.values(), *NAMES.values()])
def test_lists_and_commands_name_a_delegation_by_any_of_them(odihr, text):
    election = records.election()
    row = records.delegation(election, odihr)
    assert delegation_named(election, text) is row
    assert senders_of([row])[search_key(text)] is row


def test_senders_stand_in_the_order_of_what_the_reader_sees(app, session):
    election = records.election()
    for acronym, acronym_ru in (("AAA", "Я"), ("BBB", None), ("CCC", "А")):
        records.delegation(election, records.organization(acronym=acronym, acronym_ru=acronym_ru))
    with app.test_request_context():
        assert [*delegation_names(SYSTEM, election.id).values()] == ["AAA", "BBB", "CCC"]
        with force_locale("ru"):
            assert [*delegation_names(SYSTEM, election.id).values()] == ["BBB", "А", "Я"]
            assert [row.organization.acronym for row in delegations_of(SYSTEM, election.id)] == [
                "BBB",
                "CCC",
                "AAA",
            ]


def test_figures_count_under_one_name_and_are_shown_under_the_readers(app, odihr):
    election = records.election()
    records.accreditation(
        records.delegation(election, odihr), status=AccreditationStatus.ACCREDITED
    )
    found = figures(election)
    assert found.by_organization == {"OSCE/ODIHR": 1}
    with app.test_request_context(), force_locale("kk"):
        assert called(election, {**found.by_organization, "GONE": 2}) == [
            ("ЕҚЫҰ ДИАҚБ", 1),
            ("GONE", 2),
        ]
        assert [each.code for each in register_of(election, found, "kk")] == ["ЕҚЫҰ ДИАҚБ"]


PAGES = (
    "/organizations/",
    "/e/kz-2022/",
    "/e/kz-2022/delegations/",
    "/e/kz-2022/delegations/1",
    "/e/kz-2022/observers/",
    "/ru/e/kz-2022/register",
)


def test_russian_pages_show_russian_acronyms(app, sign_in):
    with app.app_context(), unit_of_work(SYSTEM):
        sender = create_organization(actor=SYSTEM, details=details(**ODIHR))
        delegation = records.delegation(records.election(), sender)
        records.accreditation(delegation, status=AccreditationStatus.ACCREDITED)
    client = sign_in(Role.REGISTRAR)
    client.set_cookie("language", "ru")
    for path in PAGES:
        page = client.get(path).text
        assert "БДИПЧ ОБСЕ" in page, path
        assert "ODIHR" not in page, path


def test_the_form_keeps_them_and_says_which_is_taken(app, sign_in):
    with app.app_context(), unit_of_work(SYSTEM):
        create_organization(actor=SYSTEM, details=details(**ODIHR))
    client = sign_in(Role.REGISTRAR)
    client.set_cookie("language", "ru")
    typed = NAMES | {"kind": "intergovernmental_organization", "acronym_ru": "бдипч обсе"}
    refused = client.post("/organizations/new", data=typed)
    assert refused.status_code == 422
    assert 'id="acronym_ru-error">Это сокращение уже носит Бюро.</span>' in refused.text
    assert "-error" not in refused.text.replace("acronym_ru-error", "")
    typed |= {"acronym": "CIS", "acronym_ru": "СНГ", "acronym_kk": "ТМД"}
    page = client.post("/organizations/new", data=typed, follow_redirects=True).text
    assert '<span lang="en">CIS</span> · <span lang="ru">СНГ</span>' in page
    page = client.get("/organizations/2/edit").text
    assert all(f'value="{text}"' in page for text in ("CIS", "СНГ", "ТМД"))


def test_programs_read_all_three(app):
    with app.app_context(), unit_of_work(SYSTEM):
        sender = create_organization(actor=SYSTEM, details=details(**ODIHR))
        records.accreditation(
            records.delegation(records.election(), sender), status=AccreditationStatus.ACCREDITED
        )
        _token, secret = tokens.service(Role.REGISTRAR)
    program = tokens.program(app, secret)
    for path in (
        "organizations",
        "elections/kz-2022/delegations",
        "public/elections/kz-2022/register",
    ):
        [item] = program.get(f"/api/v1/{path}").json["items"]
        assert {name: item[name] for name in ODIHR} == ODIHR, path
