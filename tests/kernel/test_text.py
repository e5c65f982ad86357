"""Text as people type it, in any alphabet."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.letters import ALPHABETS
from tracker.kernel.text import (
    Suspicion,
    display_name,
    file_name,
    initials,
    mask,
    mask_ending,
    normalize,
    normalize_lines,
    passport_form,
    search_key,
    sort_key,
    suspicious_characters,
)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  Erol \t\n Kaya ", "Erol Kaya"),
        ("Erol\u00a0Kaya", "Erol Kaya"),
        ("Er\u200bol\u202e Ka\x00ya\ufeff", "Erol Kaya"),
        ("Andre\u0301", "André"),
        ("Andre\u200b\u0301", "André"),
        ("\u2066\u2069", ""),
    ],
)
def test_normalize(typed, clean):
    assert normalize(typed) == clean


def test_lines_stay_lines():
    assert normalize_lines(" One \r\n\n\n\nTwo\u202e \n") == "One\n\nTwo"


@given(st.text())
def test_normalize_and_search_key_change_nothing_the_second_time(text):
    assert normalize(normalize(text)) == normalize(text)
    assert search_key(search_key(text)) == search_key(text)
    assert re.fullmatch("([a-z0-9]+( [a-z0-9]+)*)?", search_key(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ерол Кая", "Erol Kaya"),
        ("ЕРОЛ  КАЯ", "erol-kaya"),
        ("Татьяна", "Tatyana"),
        ("Müller", "Muller"),
        ("Groß", "GROSS"),
        ("Łukasz", "Lukasz"),
        ("İpek", "Ipek"),
        ("O'Neil", "O’Neil"),
    ],
)
def test_one_search_key_in_two_spellings(one, other):
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_letters_sort_as_in_the_alphabet(language):
    letters = ALPHABETS[language]
    assert len(letters) == {"kk": 42, "ru": 33, "en": 26}[language]
    for pair in itertools.pairwise(letters):
        assert sort_key(pair[0], language) < sort_key(pair[1], language)
        assert sort_key(pair[0].upper(), language) < sort_key(pair[1], language)


@given(st.sampled_from(["kk", "ru", "en"]), st.data())
def test_words_sort_letter_by_letter(language, data):
    letters = ALPHABETS[language]
    words = data.draw(st.lists(st.text(letters, max_size=6), max_size=8))
    if language == "ru":  # where Ё differs from Е only if nothing else does
        plain = [word.replace("ё", "е") for word in words]
        expected = sorted(
            zip(plain, words, strict=True),
            key=lambda pair: [[letters.index(letter) for letter in word] for word in pair],
        )
        expected = [word for _plain, word in expected]
    else:
        expected = sorted(words, key=lambda word: [letters.index(letter) for letter in word])
    assert sorted(words, key=lambda word: sort_key(word, language)) == expected


def test_yo_stands_with_ye_in_russian_and_after_it_in_kazakh():
    words = ["Ежов", "Ёжик", "Ель", "Ёлка", "Есенин"]
    for language, expected in (
        ("ru", ["Ёжик", "Ежов", "Ёлка", "Ель", "Есенин"]),
        ("kk", ["Ежов", "Ель", "Есенин", "Ёжик", "Ёлка"]),
    ):
        assert sorted(words, key=lambda word: sort_key(word, language)) == expected


def test_foreign_letters_stand_by_their_base_letter():
    assert sorted(["Zuma", "Åland", "Albania"], key=lambda word: sort_key(word, "en")) == [
        "Åland",
        "Albania",
        "Zuma",
    ]
    assert sort_key("ў", "ru") == sort_key("у", "ru")
    assert sort_key("Гвинея", "ru") < sort_key("Гвинея-Бисау", "ru")


@pytest.mark.parametrize(
    ("number", "masked"),
    [("AB1234567", "•••••4567"), ("12345", "•••45"), ("1", "•"), ("", "")],
)
def test_mask(number, masked):
    assert mask(number) == masked


@given(st.text(st.characters(exclude_characters="•")), st.integers(-3, 20))
def test_a_mask_never_reveals_more_than_half_nor_more_than_asked(value, visible):
    masked = mask(value, visible)
    shown = masked.lstrip("•")
    assert len(masked) == len(value)
    assert value.endswith(shown)
    assert len(shown) <= min(len(value) // 2, max(visible, 0))


@pytest.mark.parametrize(
    ("ending", "masked"), [("4567", "•••••4567"), ("", "•••••••••"), ("1234567", "••••1234567")]
)
def test_a_mask_of_a_stored_ending_hides_the_length(ending, masked):
    assert mask_ending(ending) == masked


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Erol Kaya", "EK"), ("әл-Фараби", "Ә"), ("(anna) 'maria x", "AM"), (" — ", ""), ("", "")],
)
def test_initials(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("surname", "given_names", "written"),
    [
        ("KAYA", "EROL", "Erol Kaya"),
        ("O'NEIL", "SHANE", "Shane O'Neil"),
        ("D’ANGELO", "LUCA", "Luca D’Angelo"),
        ("MIRZIYO'YEVA", "GULNORA", "Gulnora Mirziyo'yeva"),
        ("G'ANIYEV", "AZIZ", "Aziz G'aniyev"),
        ("VAN DER BERG", "JAN", "Jan van der Berg"),
        ("DE LA CRUZ", "MARIA-JOSE", "Maria-Jose de la Cruz"),
        ("LA", "DE", "De La"),
        ("NGUYEN", "VAN ANH", "Van Anh Nguyen"),
        ("ALIYEV", "ILHAM HEYDAR OGLU", "Ilham Heydar oglu Aliyev"),
        ("KARIMOV", "ALI VALI O'G'LI", "Ali Vali o'g'li Karimov"),
        ("İSMAİLOĞLU", "İPEK", "İpek İsmailoğlu"),
        ("SMITH III", "JOHN", "John Smith III"),
        ("McDonald", "Ann", "Ann McDonald"),
        ("АБАЙҰЛЫ", "ӘЛИХАН", "Әлихан Абайұлы"),
        ("SUHARTO", "", "Suharto"),
    ],
)
def test_display_name(surname, given_names, written):
    assert display_name(surname, given_names) == written


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Müller", "MUELLER"),
        ("Ångström", "AANGSTROEM"),
        ("Groß", "GROSS"),
        ("Muñoz", "MUNOZ"),
        ("Þór Ærø", "THOR AEROE"),
        ("Đặng Nguyễn", "DANG NGUYEN"),
        ("Işık İnönü", "ISIK INOENUE"),
        ("Łódź", "LODZ"),
        ("Əliyev", "ELIYEV"),
        ("O’Neil–Smith", "O'NEIL-SMITH"),
        ("Щукин Подъячий Игорь", "SHCHUKIN PODIEIACHII IGOR"),
        ("Мария Хохлова, мл.", "MARIIA KHOKHLOVA ML"),
        ("Әлихан Ғабит Қожа", "ALIKHAN GABIT KOZHA"),
        ("Ұлжан Үміт Өтеген Іңкәр Гауһар", "ULZHAN UMIT OTEGEN INKAR GAUHAR"),
        ("Κώστας", "KOSTAS"),
    ],
)
def test_passport_form(name, form):
    assert passport_form(name) == form


@given(st.text())
def test_passport_form_has_nothing_but_its_letters(text):
    form = passport_form(text)
    assert re.fullmatch("[A-Z '-]*", form)
    assert passport_form(form) == form


def test_suspicious_characters():
    assert suspicious_characters("Pаvel") == [(1, "а", Suspicion.MIXED_SCRIPT)]
    assert suspicious_characters("Иванoв") == [(4, "o", Suspicion.MIXED_SCRIPT)]
    assert suspicious_characters("a\u202eb") == [(1, "\u202e", Suspicion.DIRECTION)]
    assert suspicious_characters("a\u200bb\x07") == [
        (1, "\u200b", Suspicion.INVISIBLE),
        (3, "\x07", Suspicion.CONTROL),
    ]


@pytest.mark.parametrize(
    "text",
    ["Erol Kaya", "Ерол Кая", "Erol Кая", "Әл-Фараби Іңкәр", "Əliyev", "O'Neil", "王小明", ""],
)
def test_honest_names_are_not_suspicious(text):
    assert suspicious_characters(text) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\me\\list.xlsx", "list.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("note\u202efdp.exe", "notefdp.exe"),
        ("Нота.pdf", "Нота.pdf"),
        ("folder/", "folder"),
        ("", ""),
    ],
)
def test_the_name_of_a_file_has_no_folders_and_nothing_invisible(sent, kept):
    assert file_name(sent) == kept
    assert len(file_name("a" * 300)) == 200
