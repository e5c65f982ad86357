"""Russian and Kazakh as print sets them: quotes, dashes, spaces, and one word for one thing."""

import importlib
import pkgutil
import re
from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import tracker

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "docs" / "words.md"
LANGUAGES = ("ru", "kk")

CYRILLIC = "А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
ENDS = ".?!:…"
FORM = {
    r"[\"“”„]": "quotes are «…»",
    r"['`]": "no straight apostrophe",
    r"\s\s|^\s|\s$": "one space between words, none at the ends",
    r"\s[,.;:!?…](?:\s|$)": "no space before a mark",
    r"[,;!?…](?=\w)": "a space after a mark",
    r"(?<!\d)\s[-–]\s|\s[-–]\s(?!\d)": "a dash between words is —; – from one day to another",
    r"№(?!\u00a0)(?=.)": "a no-break space after №",
    r"\d \d{3}\b": "a no-break space inside a number",
    rf"[A-Za-z](?=[{CYRILLIC}])|[{CYRILLIC}](?=[A-Za-z])": "Latin and Cyrillic in one word",
}
# Russian writes ё wherever it is read; a politeness capital belongs to letters to one person.
WITHOUT_YO = (
    "еще ее нее мое твое свое причем приема приеме учетная учетную учетной учетные отчет отчета "
    "расчет самолет ждет идет дает начнет пройдет придет перейдет введен внесен трех четырех"
)
RUSSIAN = {
    rf"(?i)\b({WITHOUT_YO.replace(' ', '|')})\b": "ё",
    r"(?<=[\w,;—] )В(?:ы|ас|ам|ами|аш\w*)\b": "вы, not Вы",
    r"[әғқңөұүһі]": "a Kazakh letter",
}
# What stands in for a placeholder may be any name or number: no ending fits all of them, so a word
# of ours takes the ending («%(day)s күніне дейін»); an ordinal’s hyphen needs none («3-жол»).
INSERTED = r"%\(\w+\)s"
ENDINGS = "[ғгқк][ае]|[дтн][аеыі][нң]?|[бмп]ен|[лдт][ае]р\\w*|с?[ыі]"
KAZAKH = {
    rf"{INSERTED}»?-({ENDINGS})\b": "no ending on what is put in",
    rf"{INSERTED}»? (дейін|кейін|бастап|бері|бұрын|астам|артық)\b": "an ending is missing",
    rf"{INSERTED} [мбп]ен (?={INSERTED})": "мен, бен or пен depends on the number: write 1 – 9",
    rf"уақытпен {INSERTED}": "write уақыты: …",
    r"%\((num|count|most|limit|days|minutes|people)\)s \w+[лдт][ае]р\b": "no plural after a number",
    r"тіл\w* %\(language\)s|%\(language\)s тіл": "the name of a language has its тілі",
    r"(?<=[\w,;:—] )Сіз": "сіз, not Сіз",
    r"(керек пе|[аеы]сыз ба|[еі]сіз бе)\?": "a button asks «…-сын ба?»",
}


def messages(language):
    path = ROOT / "tracker" / "locale" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        known = read_po(file, locale=language)
    for message in known:
        if message.id:
            source = message.id[-1] if isinstance(message.id, tuple) else message.id
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            for text in texts:
                yield source, text


def guide(language):
    """The chapters of the guide, by name."""
    chapters = (ROOT / "docs" / "guide" / language).glob("*.md")
    return {path.name: path.read_text(encoding="utf-8") for path in chapters}


def never():
    """The stems that docs/words.md gives as never used, by language."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5:
            for language, cell in zip(LANGUAGES, cells[3:], strict=True):
                found[language] += re.findall(r"`([^`]+)`", cell)
    assert any(found.values()), "docs/words.md has a table of five columns, the last two with stems"
    return found


def stem(words):
    """`сопровожда… персонал…` finds сопровождающему персоналу."""
    parts = [re.escape(word).replace("…", r"\w*") for word in words.split()]
    return re.compile(r"\b" + r"\s".join(parts) + r"\b", re.IGNORECASE)


def end(text):
    return text[-1] if text[-1] in ENDS else ""


def faults(language, rules, blank="0"):
    return [
        f"{advice}: {text}"
        for _source, text in messages(language)
        for pattern, advice in rules.items()
        if re.search(pattern, PLACEHOLDER.sub(blank, text))
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_set_as_print_sets_them(language):
    assert faults(language, FORM) == []


def test_russian_is_spelled_in_one_manner():
    assert faults("ru", RUSSIAN) == []


def test_kazakh_puts_no_ending_where_it_cannot_be_known():
    assert faults("kk", KAZAKH, r"\g<0>") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_ends_and_begins_as_its_source_does(language):
    wrong = []
    for source, text in messages(language):
        wanted, found = end(re.sub(r"^(No|\w+ no)\.$", "№", source)), end(text)
        announces = (wanted, found) == ("", ":")  # “until” may need a noun and a colon
        if wanted != found and not announces:
            wrong.append(f"ends otherwise: {source} = {text}")
        both = re.match(f"[{CYRILLIC}]", text) and re.match(r"[A-Za-z](?![A-Z])", source)
        if both and text[0].isupper() != source[0].isupper():
            wrong.append(f"begins otherwise: {source} = {text}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_thing_has_one_word(language):
    banned = {words: stem(words) for words in never()[language]}
    texts = [text for _source, text in messages(language)] + list(guide(language).values())
    assert [
        f"not “{words}” (docs/words.md): {found[0]}: {text[:200]}"
        for text in texts
        for words, pattern in banned.items()
        if (found := pattern.search(text))
    ] == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_the_guide_names_what_stands_on_pages(language):
    known = {" ".join(text.split()) for _source, text in messages(language)}
    named = [
        (name, " ".join(words.split()).rstrip(":"))
        for name, text in guide(language).items()
        for words in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)
    ]
    assert [pair for pair in named if pair[1] not in known] == [], "**…** is a label of a page"
    assert named


def statuses():
    """What the parts call the states of their records."""
    for module in pkgutil.walk_packages(tracker.__path__, "tracker."):
        if "labels" in module.name.split("."):
            for labels in vars(importlib.import_module(module.name)).values():
                if isinstance(labels, dict):
                    yield from (
                        str(label)
                        for key, label in labels.items()
                        if isinstance(key, StrEnum) and type(key).__name__.endswith("Status")
                    )


def test_a_status_is_no_command():
    """A button and a status that English writes alike (“Put away”) are two entries."""
    russian = dict(messages("ru"))
    found = {label: russian[label] for label in statuses() if label in russian}
    assert len(found) > 20
    assert {label: text for label, text in found.items() if re.search("(ть|ти)(ся)?$", text)} == {}
