"""Search: what is found, in which order, and by whom."""

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus, Resolution, Submission
from tracker.elections.queries import elections
from tracker.headquarters.search import KINDS, find, many
from tracker.kernel.permissions import Capability, Role, capabilities_of
from tracker.lists.models import ListStatus, ObserverList
from tracker.logistics.models.movements import Direction, Means, Movement
from tracker.meetings.models import Meeting, MeetingKind, MeetingRequest, Whom
from tracker.organizations.models import OrganizationKind

PA_NAMES = {
    "name_en": "OSCE Parliamentary Assembly",
    "name_ru": "Парламентская ассамблея ОБСЕ",
    "name_kk": "ЕҚЫҰ Парламенттік Ассамблеясы",
}


@pytest.fixture
def world(session):
    """One record of each kind that has to do with Kaya, the OSCE PA, or the number 17."""
    election = records.election()
    sender = records.organization(
        acronym="OSCE PA", kind=OrganizationKind.PARLIAMENTARY_ASSEMBLY, **PA_NAMES
    )
    own = records.delegation(election, sender)
    turkey = records.delegation(election, records.state("TR", "Türkiye"))
    accredited = AccreditationStatus.ACCREDITED
    person = records.observer(surname="KAYA", given_names="EROL")
    erzhan = records.observer(surname="AKHMETOV", given_names="YERZHAN")
    records.accreditation(turkey, status=accredited, person=person)
    records.accreditation(own, status=accredited, person=erzhan)
    senate = records.institution(name_en="Senate", name_ru="Сенат", name_kk="Сенат")
    names = {"name_en": "Yerlan Kaya", "name_ru": "Ерлан Кая", "name_kk": "Ерлан Кая"}
    official = records.official(institution=senate, **names)
    records.hall(institution=senate, name_en="Kaya hall", name_ru="Зал", name_kk="Зал")
    records.interpreter(name="Kaya Aydin")
    meeting = Meeting(
        election_id=election.id,
        kind=MeetingKind.BILATERAL,
        title="Course of the campaign",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        officials=[official],
        delegations=[own],
    )
    around = {"election_id": election.id, "delegation_id": own.id, "created_by": "tests"}
    wish = MeetingRequest(
        id=17, whom=Whom.OFFICIAL, official_id=official.id, topics="Voter lists", **around
    )
    moves = {"direction": Direction.ARRIVAL, "means": Means.FLIGHT, "number": "TK 350"}
    point = records.point()
    movement = Movement(
        point_id=point.id, moves_at=NOW, people=2, place="Istanbul", **moves, **around
    )
    session.add_all(
        [
            meeting,
            wish,
            movement,
            Submission(election_id=election.id, number=17, submitted_at=NOW, submitted_by="A"),
            Resolution(election_id=election.id, number="77/540", effective_at=NOW),
            ObserverList(
                filename="Kaya наблюдатели.csv",
                content="0",
                status=ListStatus.CHECKED,
                **around,
            ),
        ]
    )
    records.assistance(turkey, number=17, title="Car for Mr Kaya")
    session.flush()
    return {"election": election, "own": own, "turkey": turkey, "sender": sender}


@pytest.fixture
def search(world, actor):
    def found(text, role=Role.ADMINISTRATOR, limit=8, only="", **scope):
        who = actor(role, **scope)
        return find(who, world["election"], elections(), text, limit=limit, only=only)

    return found


def kinds(found):
    return [kind.name for kind, _hits in found.groups]


def titles(found, name):
    return [row.title for kind, hits in found.groups if kind.name == name for row in hits.rows]


@pytest.mark.parametrize("text", ["kaya", "KAYA", "Кая", "кая", "erol kaya", "Эрол", "rfz"])
def test_an_observer_is_found_in_every_alphabet_and_layout(search, text):
    assert "Erol Kaya" in titles(search(text), "observers")


@pytest.mark.parametrize("text", ["Ержан", "Yerzhan", "Erzhan", "erz", "ержан ахметов", "Th;fy"])
def test_one_name_in_three_spellings(search, text):
    assert titles(search(text), "observers") == ["Yerzhan Akhmetov"]


@pytest.mark.parametrize(
    "text",
    ["OSCE PA", "osce", "ОБСЕ", "ПА ОБСЕ", "ПАОБСЕ", "ПАБСЕ", "ЕҚЫҰ", "парл асс", "щысу"],
)
def test_a_delegation_is_found_by_any_of_its_names(search, text):
    found = search(text)
    assert titles(found, "delegations") == ["OSCE PA"]
    assert {"organizations", "meetings", "meeting_requests"} <= set(kinds(found))


@pytest.mark.parametrize("text", ["Турция", "Turkey", "TUR", "Түркия", "türk"])
def test_a_state_is_found_by_any_of_its_names(search, text):
    assert titles(search(text), "delegations") == ["Türkiye"]


@pytest.mark.parametrize("text", ["17", "No. 17", "№17", "# 17", "no 17"])
def test_numbers_come_first(search, text):
    found = search(text, Role.REGISTRAR)
    assert kinds(found) == ["meeting_requests", "assistance_requests", "submissions"]
    assert all(row.rank == 0 for _kind, hits in found.groups for row in hits.rows)


@pytest.mark.parametrize("text", ["TK350", "tk 350", "350", "Стамбул", "Istanbul"])
def test_a_movement_by_flight_number_and_place(search, text):
    expected = [] if text == "Стамбул" else ["Arrival: OSCE PA"]  # another word, not a spelling
    assert titles(search(text), "movements") == expected


def test_a_meeting_by_title_by_official_and_by_delegation(search):
    for text in ("campaign", "Ерлан", "senate", "OSCE", "osce kaya campaign"):
        assert titles(search(text), "meetings") == ["Course of the campaign"], text
    assert "meetings" not in kinds(search("osce nobody"))


def test_a_name_in_cyrillic_is_no_beginning_of_an_english_word(search, world):
    records.assistance(world["turkey"], title="Badges for observers")
    assert titles(search("obse"), "assistance_requests") == ["Badges for observers"]
    assert titles(search("ОБСЕ"), "assistance_requests") == []


def test_a_resolution_by_its_number(search):
    assert titles(search("77/540"), "resolutions") == ["Resolution 77/540"]


def test_a_passport_number_finds_nobody(search, world):
    person = records.observer(surname="DEMIR", document_number="U1234567")
    records.accreditation(world["turkey"], person=person)
    for text in ("U1234567", "1234567", "4567"):
        assert kinds(search(text)) == [], text


def test_who_matches_exactly_comes_first_and_other_elections_last(search, world):
    later = records.election(slug="kz-2023", name_en="Later election")
    elsewhere = records.delegation(later, world["sender"])
    for surname, place in (("KAYAALP", world["own"]), ("KAYA", elsewhere), ("KAYA", world["own"])):
        person = records.observer(surname=surname, sort_key=surname.lower(), given_names="BORA")
        records.accreditation(place, person=person)
    (hits,) = (hits for kind, hits in search("kaya").groups if kind.name == "observers")
    shown = [(row.title, row.election and row.election.slug) for row in hits.rows]
    assert shown == [
        ("Bora Kaya", None),
        ("Erol Kaya", None),
        ("Bora Kayaalp", None),
        ("Bora Kaya", "kz-2023"),
    ]
    assert hits.count == 3  # of this election, as its own list shows them


@pytest.mark.parametrize("role", Role)
def test_a_kind_is_found_only_by_who_may_open_its_page(app, search, role):
    found = set(kinds(search("kaya", role))) | set(kinds(search("17", role)))
    found |= set(kinds(search("77/540", role))) | set(kinds(search("osce pa", role)))
    found |= set(kinds(search("senate", role)))
    pages = {row.endpoint for kind in KINDS for row in _rows(search, kind)}
    assert pages
    expected = {kind.name for kind in KINDS if kind.capability in _capabilities(role)}
    assert found == expected
    for kind in KINDS:
        for row in _rows(search, kind):
            assert app.view_functions[row.endpoint].capability is kind.capability


def _capabilities(role):
    return capabilities_of(frozenset({role}))


def _rows(search, kind):
    for text in ("kaya", "17", "77/540", "osce pa", "senate"):
        for found, hits in search(text, Role.REGISTRAR).groups:
            if found == kind:
                yield from hits.rows


def test_a_focal_point_finds_its_own_and_nothing_else(search, world):
    mine = {"role": Role.FOCAL_POINT, "delegation_ids": frozenset({world["own"].id})}
    assert search("kaya erol", **mine).groups == []
    assert search("Türkiye", **mine).groups == []
    assert search("senate hall", **mine).groups == []
    assert titles(search("yerzhan", **mine), "observers") == ["Yerzhan Akhmetov"]
    assert kinds(search("17", **mine)) == ["meeting_requests"]  # not the other's assistance
    assert kinds(search("osce", **mine)) == [
        *("delegations", "meeting_requests", "movements", "lists"),
    ]
    nobody = {"role": Role.FOCAL_POINT, "delegation_ids": frozenset()}
    for text in ("kaya", "17", "osce", "tk350"):
        assert search(text, **nobody).groups == []


@pytest.mark.parametrize("is_small", [True, False])
def test_a_name_that_thousands_share_is_found_as_well(search, world, monkeypatch, is_small):
    monkeypatch.setattr(many, "MANY", 2)
    monkeypatch.setattr(many, "SMALL", 20_000 if is_small else 1)
    for surname in ("KAYAALP", "KAYA", "KAYAHAN"):
        person = records.observer(surname=surname, given_names="KAYANA")
        records.accreditation(world["own"], person=person)
    (hits,) = (hits for kind, hits in search("kaya").groups if kind.name == "observers")
    assert len(hits.rows) == 4  # each once, though two of the names begin so
    assert {hits.rows[0].title, hits.rows[1].title} == {"Erol Kaya", "Kayana Kaya"}
    assert hits.count == (4 if is_small else None)
    assert len(titles(search("kaya kayan"), "observers")) == 3
    mine = {"role": Role.FOCAL_POINT, "delegation_ids": frozenset({world["own"].id})}
    assert "Erol Kaya" not in titles(search("kaya", **mine), "observers")


@pytest.mark.parametrize("counted", [20_000, 4, 3])
def test_a_whole_name_is_found_in_any_election_though_thousands_share_each_word(
    search, world, monkeypatch, counted
):
    monkeypatch.setattr(many, "MANY", 2)
    monkeypatch.setattr(many, "COUNTED", counted)
    later = records.election(slug="kz-2023", name_en="Later election")
    elsewhere = records.delegation(later, records.state("GE", "Georgia"))
    for surname, given_names in (("KAYA", "ANNA"), ("KAYA", "EROL"), ("BERIDZE", "NINO ANNA")):
        person = records.observer(surname=surname, given_names=given_names)
        records.accreditation(elsewhere, person=person)
    for number in range(2):
        person = records.observer(surname=f"TEMIR{'AB'[number]}", given_names="ANNA")
        records.accreditation(world["own"], person=person)
    found = titles(search("anna kaya"), "observers")
    assert found == (["Anna Kaya"] if counted > 3 else [])  # 3 have the rarer of the words
    assert titles(search("kaya erol"), "observers")[0] == "Erol Kaya"


def test_short_and_strange_texts_find_nothing(search):
    for text in ("", " ", "k", "%", "_", "ь", "'", "💥", "\x00", "%%%", "kaya" * 30):
        assert kinds(search(text)) == [], text


def test_each_kind_is_limited_and_says_how_many_there_are(client, sign_in, session, world):
    for number in range(12):
        records.assistance(world["own"], number=100 + number, title=f"Bus {number}")
        person = records.observer(surname="KAYALI", given_names=f"A{number}")
        records.accreditation(world["own"], person=person)
    session.commit()
    page = sign_in(Role.REGISTRAR).get("/search?q=bus").get_data(as_text=True)
    assert "All 12 matches" in page
    assert "/search?q=bus&amp;kind=assistance_requests" in page
    page = sign_in(Role.REGISTRAR).get("/search?q=bus&kind=assistance_requests")
    assert len(re.findall("<mark>Bus</mark>", page.get_data(as_text=True))) == 12
    page = sign_in(Role.REGISTRAR).get("/search?q=kaya").get_data(as_text=True)
    assert "All 13 matches" in page
    assert "/e/kz-2022/observers/?q=kaya" in page
    rows = sign_in(Role.REGISTRAR).get("/e/kz-2022/observers/?q=кая").get_data(as_text=True)
    assert "13 observers match" in rows


def test_what_was_typed_is_shown_as_text(sign_in, session, world):
    session.commit()
    page = sign_in(Role.REGISTRAR).get("/search?q=<script>kaya").get_data(as_text=True)
    assert "<script>kaya" not in page
    page = sign_in(Role.REGISTRAR).get("/search?q=Th;fy").get_data(as_text=True)
    assert "other keyboard layout" in page


@pytest.mark.parametrize(
    "text",
    ["встречи", "meetings", "vstrechi", "dcnhtxb", "кездесулер", "ьууештпы", "meet"],
)
def test_a_page_is_found_in_every_language_and_layout(sign_in, session, world, text):
    session.commit()
    page = sign_in(Role.COORDINATOR).get("/search/palette", query_string={"q": text})
    first = re.search(r'role="option"[^>]*href="([^"]+)"', page.get_data(as_text=True))
    assert first[1] == "/e/kz-2022/meetings/"


@pytest.mark.parametrize("role", Role)
def test_the_palette_offers_only_what_answers(app, sign_in, session, world, role):
    ids = (world["own"].id,) if role is Role.FOCAL_POINT else ()
    session.commit()
    client = sign_in(role, delegation_ids=ids)
    for text in ("", "k", "a"):
        page = client.get(f"/search/palette?q={text}").get_data(as_text=True)
        for path in set(re.findall(r'<a [^>]*href="([^"]+)"', page)):
            assert client.get(path.replace("&amp;", "&")).status_code in {200, 302}, path
    offered = client.get("/search/palette").get_data(as_text=True)
    for label, capability in (
        ("Register an observer", Capability.EDIT_OBSERVERS),
        ("Take in a list", Capability.DELIVER_LISTS),
    ):
        assert (f"<b>{label}</b>" in offered) == (capability in _capabilities(role))


@pytest.mark.parametrize("text", ["turkpa", "тюркпа", "xyzzy", "]", "]]"])
def test_what_names_no_page_on_either_layout(sign_in, session, world, text):
    session.commit()
    page = sign_in(Role.COORDINATOR).get("/search/palette", query_string={"q": text})
    assert page.status_code == 200
    assert 'aria-label="Pages"' not in page.get_data(as_text=True)
