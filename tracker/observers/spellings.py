"""One spelling for the many in which a name is written: by Russian, Kazakh, Turkish or
Azerbaijani letters, by ICAO, BGN or French habits of transliteration.

It is for comparing only; nothing of it is ever shown. What differs by habit is made equal, and
what differs in sound stays apart as far as the alphabets allow.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from tracker.kernel.text import normalize

CYRILLIC = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "ґ": "g", "д": "d", "е": "e",
    "ё": "e", "є": "e", "ж": "zh", "җ": "zh", "ҷ": "zh", "з": "z", "и": "i", "і": "i", "ї": "i",
    "й": "i", "ј": "i", "к": "k", "қ": "k", "л": "l", "љ": "l", "м": "m", "н": "n", "ң": "n",
    "њ": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u",
    "ү": "u", "ў": "u", "ӯ": "u", "ф": "f", "х": "h", "һ": "h", "ҳ": "h", "ц": "ts", "ч": "ch",
    "ћ": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia",
    "ђ": "zh", "џ": "zh", "ѓ": "g", "ќ": "k",
}  # fmt: skip
LATIN = {
    "ş": "sh", "ș": "sh", "š": "sh", "ś": "sh", "ç": "ch", "č": "ch", "ć": "ch", "ž": "zh",
    "ż": "zh", "ź": "z", "ğ": "g", "ģ": "g", "ı": "i", "ə": "a", "ä": "a", "á": "a", "å": "a",
    "æ": "ae", "ö": "o", "ø": "o", "ő": "o", "ü": "u", "ű": "u", "ū": "u", "ñ": "n", "ł": "l",
    "đ": "d", "ð": "d", "þ": "t", "ß": "ss", "ț": "ts", "ţ": "ts", "ň": "n", "ř": "r",
}  # fmt: skip
# In this order: what is longer before its part, what makes an `i` before what drops one.
_HABITS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("shch|sch|sz", "sh"),
        ("tsch|tch|cz", "ch"),
        ("dzh|dj", "zh"),
        ("(?<=[aeiouy])j(?=$|[^aeiouy])", "i"),
        ("j", "zh"),
        ("kh", "h"),
        ("gh", "g"),
        ("ph", "f"),
        ("th", "t"),
        ("x(?=[aeiouy]|$)(?<=[aeiouy]x)", "ks"),
        ("x", "h"),
        ("ck", "k"),
        ("w", "v"),
        ("q", "k"),
        ("y", "i"),
        ("ou|oo", "u"),
        ("ff$", "v"),
        (r"(.)\1+", r"\1"),
        ("iu", "u"),
        ("ie", "e"),
        ("io", "e"),
        ("^i(?=[aou])", ""),
        ("ue", "u"),
        ("oe", "o"),
        ("ae", "a"),
        (r"(.)\1+", r"\1"),
    )
)
_PARTICLES = frozenset(
    {"al", "el", "bin", "ben", "ibn", "binti", "van", "von", "der", "den", "de", "da", "do", "dos"}
    | {"di", "del", "della", "la", "le", "los", "las", "zu", "of", "the", "abu", "y", "e"}
)
_PATRONYMIC = re.compile("(ovich|evich|ich|ovna|evna|ichna|uli|ulu|kizi|gizi|ogli|oglu|ugli)$")
_LONGEST_KEY = 40


def _romanized(text: str) -> str:
    lowered = normalize(text).replace("İ", "i").replace("I", "i").lower()
    letters = []
    for char in unicodedata.normalize("NFC", lowered):
        letters.append(CYRILLIC.get(char) or LATIN.get(char) or (char if char not in "ъь" else ""))
    plain = anyascii("".join(letters)).lower()
    return re.sub("[^a-z]+", " ", re.sub("['’`ʻʼ\"]", "", plain)).strip()


@lru_cache(maxsize=65_536)
def _habitual(word: str) -> str:
    for pattern, plain in _HABITS:
        word = pattern.sub(plain, word)
    return word


def spelling(text: str) -> str:
    """`text` in the common spelling: words of a-z; equal for likely spellings of one name."""
    return " ".join(_habitual(word) for word in _romanized(text).split())


@lru_cache(maxsize=65_536)
def variants(word: str) -> tuple[str, ...]:
    """The common spellings of a romanized word: `c` is k to some and j (dzh) to others."""
    if re.search("c(?![hkz])", word) is None:
        return (_habitual(word),)
    readings = (re.sub("c(?![hkz])", plain, word) for plain in ("k", "zh", "s", "ts"))
    return tuple(dict.fromkeys(_habitual(reading) for reading in readings))


def core_words(text: str) -> tuple[str, ...]:
    """The romanized words of a name, without particles where more than one word is left."""
    words = _romanized(text).split()
    kept = [word for word in words if word not in _PARTICLES and len(word) > 1]
    return tuple(kept if len(kept) > 1 else words)


def is_patronymic(word: str) -> bool:
    """Whether a word looks like a patronymic: Ivanovich, Serikuly, Aliqizi."""
    return len(word) > 5 and bool(_PATRONYMIC.search(_habitual(word)))


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """The consonants of a common spelling; a first vowel stays as one sign."""
    bones = re.sub("[aeiou]", "", word)
    return ("a" if word[:1] in {"a", "e", "i", "o", "u"} else "") + bones


def _bones(word: str) -> str:
    """A skeleton in which spellings that lose a sign in a passport meet: ş and s, ç and c."""
    plain = re.sub("c(?![hkz])", "k", word)
    bones = skeleton(_habitual(plain)).replace("sh", "s").replace("zh", "k").replace("ch", "k")
    return bones.replace("h", "") or word[:1]


def block_key(surname: str, given_names: str) -> str:
    """Where likely spellings of one name meet in an index, whichever name comes first.

    Of the first word of the surname and the first given name, sorted; at most 40 characters.
    """
    words = [part[0] for text in (surname, given_names) if (part := core_words(text))]
    return " ".join(sorted(_bones(word) for word in words))[:_LONGEST_KEY]
