"""Tables of letters: alphabets, transliteration in passports, small words inside names."""

ALPHABETS = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}

# ICAO Doc 9303-3, section 6, table A: letters whose form is more than the base letter.
_LATIN = {
    "Ä": "AE",
    "Å": "AA",
    "Æ": "AE",
    "Đ": "D",
    "Ð": "D",
    "Ə": "E",
    "Ħ": "H",
    "İ": "I",
    "Ĳ": "IJ",
    "ĸ": "Q",
    "Ł": "L",
    "Ŋ": "N",
    "Ñ": "N",
    "Ö": "OE",
    "Ø": "OE",
    "Œ": "OE",
    "ẞ": "SS",
    "Þ": "TH",
    "Ŧ": "T",
    "Ü": "UE",
}
# Table B, as for Russian; letters of other languages follow by their nearest plain ones.
_CYRILLIC = dict(
    zip(
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
        [
            "A", "B", "V", "G", "D", "E", "E", "ZH", "Z", "I", "I", "K", "L", "M", "N", "O",
            "P", "R", "S", "T", "U", "F", "KH", "TS", "CH", "SH", "SHCH", "IE", "Y", "-", "E",
            "IU", "IA",
        ],
        strict=True,
    )
)  # fmt: skip
_MORE_CYRILLIC = {
    "Ь": "",
    "Ә": "A",
    "Ғ": "G",
    "Қ": "K",
    "Ң": "N",
    "Ө": "O",
    "Ұ": "U",
    "Ү": "U",
    "Һ": "H",
    "І": "I",
    "Ї": "I",
    "Є": "IE",
    "Ґ": "G",
    "Ў": "U",
    "Ѓ": "G",
    "Ђ": "D",
    "Ѕ": "DZ",
    "Ј": "J",
    "Ќ": "K",
    "Љ": "LJ",
    "Њ": "NJ",
    "Ћ": "C",
    "Џ": "DZ",
    "Ҳ": "KH",
    "Ҷ": "CH",
    "Ӣ": "I",
    "Ӯ": "U",
}
PASSPORT = _LATIN | _CYRILLIC | _MORE_CYRILLIC

# A capital follows the apostrophe after these; in Uzbek (Mirziyo'yev) a small letter does.
CAPITAL_AFTER = frozenset({"O", "D", "L", "M", "DELL", "DALL", "SANT"})
# Small words of names, and patronymic words that follow a name: written small.
PARTICLES = {
    "before": frozenset(
        ["van", "von", "der", "den", "ter", "ten", "zu", "zur", "de", "del", "da", "das",
         "do", "dos", "bin", "bint", "ibn"]
    ),
    "after": frozenset(["oglu", "oghlu", "ogly", "qizi", "kyzy", "uulu", "o'g'li"]),
}  # fmt: skip
