"""The totals as sentences in English, Russian and Kazakh, grammatical for every number.

Plural categories are CLDR's (through Babel). In Russian the verb agrees with the number too, and
after «от» and «из» the genitive follows it: from one, 21, 31 state in the singular, from any
other number in the plural. In Kazakh a noun after a number stays singular.
"""

from babel import Locale
from babel.numbers import format_decimal

from tracker.totals.figures import Figures

LANGUAGES = ("en", "ru", "kk")

# {language: {part: {plural category: words}}}; a category left out takes "other".
WORDS: dict[str, dict[str, dict[str, str]]] = {
    "en": {
        "accredited": {
            "one": "{n} observer has been accredited",
            "other": "{n} observers have been accredited",
        },
        "organizations": {
            "one": "{n} international organization",
            "other": "{n} international organizations",
        },
        "states": {"one": "{n} foreign state", "other": "{n} foreign states"},
        "countries": {"one": "{n} foreign country", "other": "{n} foreign countries"},
        "observers": {"one": "{n} observer", "other": "{n} observers"},
    },
    "ru": {
        "accredited": {
            "one": "Аккредитован {n} наблюдатель",
            "few": "Аккредитованы {n} наблюдателя",
            "other": "Аккредитовано {n} наблюдателей",
        },
        "organizations": {
            "one": "{n} международной организации",
            "other": "{n} международных организаций",
        },
        "states": {
            "one": "{n} иностранного государства",
            "other": "{n} иностранных государств",
        },
        "press organizations": {
            "one": "{n} международная организация",
            "few": "{n} международные организации",
            "other": "{n} международных организаций",
        },
        "observers": {
            "one": "{n} наблюдатель",
            "few": "{n} наблюдателя",
            "other": "{n} наблюдателей",
        },
    },
    "kk": {
        "accredited": {"other": "{n} байқаушы аккредиттелді"},
        "organizations": {"other": "{n} халықаралық ұйымнан"},
        "states": {"other": "{n} шет мемлекеттен"},
        "press organizations": {"other": "{n} халықаралық ұйым"},
        "observers": {"other": "{n} байқаушы"},
    },
}

NONE = {
    "en": "No observers have been accredited.",
    "ru": "Наблюдатели не аккредитованы.",
    "kk": "Байқаушылар аккредиттелген жоқ.",
}
FROM = {"en": "from ", "ru": "от ", "kk": ""}
AND = {"en": "and", "ru": "и", "kk": "және"}


def number(language: str, value: int) -> str:
    """A number as the language writes it."""
    return format_decimal(value, locale=language)


def counted(language: str, part: str, value: int) -> str:
    """`value` with the words of `part` in the form that the number asks for."""
    forms = WORDS[language][part]
    category = Locale(language).plural_form(value)
    return forms.get(category, forms["other"]).format(n=number(language, value))


def sentence(
    language: str,
    *,
    observers: int,
    organizations: int,
    states: int,
    observers_from_organizations: int,
    observers_from_states: int,
) -> str:
    """The sentence of the totals; a part that is zero is left out."""
    if observers == 0:
        return NONE[language]
    parts = []
    for sent, senders, name in (
        (observers_from_organizations, organizations, "organizations"),
        (observers_from_states, states, "states"),
    ):
        if sent:
            parts.append((number(language, sent), counted(language, name, senders)))
    head = counted(language, "accredited", observers)
    if not parts:  # nobody counted who sent them
        return f"{head}."
    if len(parts) == 1:
        return _from_one(language, head, parts[0][1])
    if language == "kk":  # the number of observers follows its sender
        return f"{head}: {' және '.join(f'{source} {sent}' for sent, source in parts)}."
    both = f" {AND[language]} ".join(f"{sent} {FROM[language]}{source}" for sent, source in parts)
    return f"{head}: {both}."


def figures_sentence(language: str, figures: Figures) -> str:
    """The sentence of these figures."""
    return sentence(
        language,
        observers=figures.observers,
        organizations=figures.organizations,
        states=figures.states,
        observers_from_organizations=figures.observers_from_organizations,
        observers_from_states=figures.observers_from_states,
    )


def _from_one(language: str, head: str, source: str) -> str:
    if language == "kk":
        return f"{source[0].upper()}{source[1:]} {head}."
    return f"{head} {FROM[language]}{source}."


def press_sentence(language: str, *, observers: int, organizations: int, states: int) -> str:
    """The press form: organizations first, then observers and where from."""
    if observers == 0:
        return NONE[language]
    people = counted(language, "observers", observers)
    if language == "en":
        return _press_en(people, observers, organizations, states)
    source = counted(language, "states", states) if states else ""
    senders = counted(language, "press organizations", organizations) if organizations else ""
    if language == "kk":
        people = f"{source} {people}".strip()
        return f"{f'{senders} және {people}' if senders else people} аккредиттелді."
    people = f"{people} из {source}" if source else people
    if senders:
        return f"Аккредитованы {senders} и {people}."
    head = counted("ru", "accredited", observers)
    return f"{head} из {source}." if source else f"{head}."


def _press_en(people: str, observers: int, organizations: int, states: int) -> str:
    source = f" from {counted('en', 'countries', states)}" if states else ""
    senders = f"{counted('en', 'organizations', organizations)} and " if organizations else ""
    verb = "has" if observers == 1 and not organizations else "have"
    return f"{senders}{people}{source} {verb} been accredited."
