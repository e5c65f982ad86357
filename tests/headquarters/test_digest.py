"""The digest says what was so at its moment, in three languages, and nothing of later."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.demonstration import demonstration
from tests.kernel.test_printing import in_order, words_of
from tracker.elections.queries import election_for
from tracker.headquarters.digest import digest_of, shortened
from tracker.headquarters.digest_paper import letter_of, print_digest, subject_of, text_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.printing import page_count

ALMATY = ZoneInfo("Asia/Almaty")
EVENING = datetime(2022, 11, 18, 20, tzinfo=ALMATY)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def shown(app):
    """Composes the demonstration's digest on the evening of its day."""

    def compose(language="en", as_of=None):
        election = election_for(SYSTEM, "kz-2022")
        return digest_of(election, language, as_of and as_of.replace(tzinfo=ALMATY))

    with app.app_context(), clock.at(EVENING):
        yield compose
        db.session.rollback()


@pytest.mark.parametrize(
    ("as_of", "values", "changes"),
    [
        (datetime(2022, 11, 8, 23, 59), [271, 7, 21], [132, 1, 13]),
        (datetime(2022, 11, 14, 18), [641, 10, 35], [370, 3, 14]),
        (datetime(2022, 11, 15, 18), [641, 10, 35], [0, 0, 0]),
        (datetime(2022, 9, 22, 1), [0, 0, 0], [0, 0, 0]),
    ],
)
def test_the_published_figures_and_what_the_day_changed(shown, as_of, values, changes):
    found = shown(as_of=as_of)
    assert [each.value for each in found.figures][:3] == values
    assert [each.change for each in found.figures][:3] == changes
    assert dict(found.pipeline)["Accredited"] == values[0]
    assert (found.curve is None) == (values[0] == 0)
    if found.curve:
        assert found.curve.marks[-1].total == values[0]


def test_of_the_past_only_what_has_a_history(shown):
    found = shown(as_of=datetime(2022, 11, 15, 12))
    assert (found.action, found.overdue) == (None, None)
    assert (found.requests.raised, found.requests.settled, found.requests.open) == (1, 1, 0)
    assert [row.time for row in found.meetings] == ["11:00–12:00"]
    assert [row.with_whom for row in found.meetings_ahead] == ["OSCE/ODIHR"]
    assert [each.label for each in found.deadlines] == [
        "Polling stations open",
        "Polling stations close",
        "Accreditations expire",
    ]
    assert found.deadlines[0].left == "in 5 days"
    text = text_of(found)
    assert "NEEDS ACTION" not in text
    assert "Overdue" not in text


def test_the_evening_of_the_day(shown):
    found = shown()
    assert len(found.meetings) == 9
    assert found.meetings_ahead == ()
    today = found.travel[0]
    assert (today.label, today.people, today.delegations) == ("Arrivals, 18 November", 84, 9)
    assert today.expected == 76, "one plane has landed and been recorded"
    assert (found.requests.raised, found.requests.settled, found.requests.open) == (4, 1, 6)
    assert len(found.overdue) == 3
    assert found.overdue[0] == "TURKPA: Certificate lost in a taxi (due 18 November, 09:50)"
    assert found.action[0] == "3 requests are overdue"


def test_a_moment_ahead_is_now(shown):
    assert shown(as_of=datetime(2023, 1, 1)) == shown()


def test_empty_parts_say_so_in_a_line(shown):
    text = text_of(shown(as_of=datetime(2022, 9, 1)))
    for said in (
        "No observers have been accredited.",
        "MEETINGS ON 1 SEPTEMBER\nNo meetings.",
        "No arrivals and no departures.",
        "Raised on the day: 0. Settled: 0. Open: 0.",
        "Accreditation opens: 22 September, 00:00 (in 21 days)",
    ):
        assert said in text


def test_a_long_list_says_how_many_more(shown):
    lines = [str(number) for number in range(10)]
    assert shortened(lines, 10) == tuple(lines)
    assert shortened(lines, 8) == (*lines[:8], "and 2 more")


def test_what_changed_has_its_place(shown):
    found = shown()
    told = type(found)(**vars(found) | {"changes": ("Türkiye: 5 observers accredited",)})
    assert "CHANGES OF THE DAY\nTürkiye: 5 observers accredited" in text_of(told)
    assert "Türkiye: 5 observers accredited" in words_of(print_digest(told))
    quiet = type(found)(**vars(found) | {"changes": ()})
    assert "Nothing changed." in words_of(print_digest(quiet))


SAID = {
    "en": (
        "Daily digest",
        "641 observers have been accredited: 532 from 10 international organizations",
        "no change on the day",
        "Needs action",
        "3 requests are overdue",
        "Deadlines ahead",
        "Meetings on 18 November",
        "Meetings on 19 November",
    ),
    "ru": (
        "Сводка дня",
        "Аккредитован 641 наблюдатель: 532 от 10 международных организаций",
        "за день без изменений",
        "Требует действий",
        "3 заявки просрочены",
        "Предстоящие сроки",
        "Встречи 18 ноября",
        "Встречи 19 ноября",
    ),
    "kk": (
        "Күнделікті шолу",
        "641 байқаушы аккредиттелді: 10 халықаралық ұйымнан 532",
        "күн ішінде өзгеріссіз",
        "Әрекет керек",
        "Алдағы мерзімдер",
        "18 қараша күнгі кездесулер",
        "19 қараша күнгі кездесулер",
    ),
}


@pytest.mark.parametrize("language", SAID)
def test_the_paper_says_it_in_every_language_on_two_pages(shown, language):
    found = shown(language)
    document = print_digest(found)
    assert page_count(document) <= 2
    in_order(words_of(document), SAID[language])
    assert page_count(print_digest(shown(language, datetime(2022, 11, 14, 20)))) <= 2


@pytest.mark.parametrize("language", SAID)
def test_the_letter_is_short_and_in_the_same_words(shown, language):
    found = shown(language)
    letter = letter_of(found)
    assert found.sentence in letter
    assert all(line in letter for line in found.action)
    assert len(letter.splitlines()) < 30
    assert "2022" in subject_of(found)
    assert found.election in subject_of(found)


def test_the_paper_comes_even_where_no_font_draws_a_letter(shown):
    found = shown()
    strange = type(found)(**vars(found) | {"action": ("𓂀 and 𒀀 wait", "Two wait")})
    assert "□ and □ wait" in words_of(print_digest(strange))
