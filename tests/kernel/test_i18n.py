"""Words of templates are in the language of the moment, whatever was asked before."""

from dataclasses import dataclass

import pytest
from flask import render_template_string
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.elections.regions import region_names
from tracker.kernel.actor import SYSTEM
from tracker.kernel.i18n import by_name, countries, iso_day, ngettext, size, whose
from tracker.kernel.letters import ALPHABETS
from tracker.kernel.text import sort_key
from tracker.organizations.states import states_sorted

WORDS = (
    "{{ _('Observers') }} {{ ngettext('%(num)s observer', '%(num)s observers', 2) }} "
    "{% trans %}Status{% endtrans %}"
)


@dataclass(frozen=True)
class Row:
    """A record with its Kazakh name."""

    id: int
    name_kk: str


def test_a_page_may_hold_letters_in_several_languages(app):
    words = app.jinja_env.from_string(WORDS)
    with app.test_request_context("/", headers={"Accept-Language": "ru"}):
        first = words.render()
        with force_locale("kk"):
            kazakh = words.render()
        with force_locale("en"):
            english = words.render()
        assert words.render() == first
    assert len({first, kazakh, english}) == 3
    assert english == "Observers 2 observers Status"
    assert first.startswith("Наблюдатели 2 наблюдателя ")


def test_what_is_put_into_a_sentence_is_escaped(app):
    page = app.jinja_env.from_string(
        "{% autoescape true %}{{ _('%(name)s is said', name='<b>') }}{% endautoescape %}"
    )
    with app.test_request_context("/"):
        assert page.render() == "&lt;b&gt; is said"


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_countries_and_regions_stand_in_the_order_of_the_readers_alphabet(app, language):
    letters = ALPHABETS[language]

    with app.test_request_context("/"), force_locale(language):
        for names in (
            [name for _code, name in countries()],
            [name for _code, name in states_sorted(language)],
            list(region_names("KZ").values()),
        ):
            assert names == sorted(names, key=lambda name: sort_key(name, language))
            firsts = [letters.index(each) for name in names if (each := name[0].lower()) in letters]
            assert firsts == sorted(firsts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sets(st.text(ALPHABETS["kk"], min_size=1, max_size=6), max_size=8))
def test_records_stand_by_their_kazakh_names(app, names):
    rows = [Row(number, name) for number, name in enumerate(sorted(names))]
    with app.test_request_context("/"), force_locale("kk"):
        found = [row.name_kk for row in by_name(rows)]
    assert found == sorted(names, key=lambda name: [ALPHABETS["kk"].index(x) for x in name])


@pytest.mark.parametrize(("language", "said"), [("ru", "система"), ("kk", "жүйе")])
def test_what_the_program_did_is_said_in_the_readers_language(app, language, said):
    with app.test_request_context(), force_locale(language):
        assert whose(SYSTEM.name) == said
        assert whose("Aigul Serik") == "Aigul Serik"


def test_a_day_kept_as_text_is_written_as_days_are(app):
    with app.test_request_context(), force_locale("ru"):
        assert iso_day("1967-10-09") == "9 окт. 1967"
        assert iso_day("1967") == "1967"


@pytest.mark.parametrize(
    ("count", "code", "text"),
    [
        (3_000, "en", "2.9 kB"),
        (3_000, "ru", "2,9 кБ"),
        (20_971_520, "ru", "20 МБ"),
        (900, "en", "900 byte"),
    ],
)
def test_sizes_are_written_in_the_units_of_the_language(app, count, code, text):
    with app.app_context(), force_locale(code):
        assert size(count).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "12,345 observers match"),
        ("ru", "Найдено 12\N{NO-BREAK SPACE}345 наблюдателей"),
        ("kk", "12\N{NO-BREAK SPACE}345 байқаушы табылды"),
    ],
)
def test_numbers_in_sentences_are_written_as_the_language_writes_them(app, code, said):
    template = "{{ ngettext('%(num)s observer matches', '%(num)s observers match', count) }}"
    with app.test_request_context(), force_locale(code):
        assert render_template_string(template, count=12_345) == said
        words = ("%(num)s observer matches", "%(num)s observers match")
        assert ngettext(*words, 12_345) == said


def test_a_change_is_written_with_its_sign(app):
    with app.test_request_context(), force_locale("en"):
        assert render_template_string("{{ 1234|change }} {{ -5|change }}") == "+1,234 -5"
