"""vCards say what they were given, whatever that is, within the lines of RFC 6350."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel import vcards
from tracker.kernel.errors import Refused
from tracker.kernel.text import clean
from tracker.kernel.vcards import LONGEST_LINE, Property, in_languages, is_vcard, read, written

# Whatever people type; a surrogate is no text, and line breaks become one kind.
texts = st.text(st.characters(exclude_categories=["Cs"])).map(clean)
names = st.from_regex(r"X-[A-Z0-9]{1,10}", fullmatch=True)
parameters = st.dictionaries(
    names, texts.map(lambda text: text.replace("\t", " ")).filter(bool), max_size=3
)
properties = st.builds(
    Property, names, st.lists(texts, min_size=1, max_size=5).map(tuple), parameters
)


@given(st.lists(st.lists(properties, max_size=4), min_size=1, max_size=3))
def test_what_is_written_is_read_again(cards):
    content = written(cards)
    assert is_vcard(content)
    found = read(content)
    assert [list(card.properties) for card in found] == cards


@given(st.lists(properties, max_size=4))
def test_no_line_is_too_long_and_none_is_cut_within_a_letter(card):
    content = written([card])
    assert content.endswith(b"END:VCARD\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= LONGEST_LINE
        assert b"\n" not in line
        line.decode()


@given(st.binary(max_size=200), st.integers(0, 300))
def test_nothing_breaks_the_reader(noise, place):
    whole = written([in_languages("FN", {"en": "Ann", "kk": "Әйгерім"})])
    for content in (noise, whole[:place] + noise + whole[place:], whole[:place]):
        with suppress(Refused):
            read(content)


def test_a_card_as_the_standard_shows_it():
    """RFC 6350, 3.2, 3.4, 5.4 and 6.3.1."""
    content = (
        "BEGIN:VCARD\r\nVERSION:4.0\r\n"
        "N;ALTID=1;LANGUAGE=jp:<U+5C71><U+7530>;<U+592A><U+90CE>;;;\r\n"
        'ADR;GEO="geo:12.3457,78.910";LABEL="Mr. John Q. Public, Esq.\\nMail Drop: TNE QB\\n":\r\n'
        " ;;123 Main Street;Any Town;CA;91921-1234;U.S.A.\r\n"
        "NOTE:Mythical Manager\\nHyjinx Software Division\\nBabsCo\\, Inc.\\n\r\n"
        "item1.EMAIL;TYPE=work:jqpublic@xyz.example.com\r\n"
        "END:VCARD\r\n"
    )
    [card] = read(content.encode())
    assert card.first("NOTE") == "Mythical Manager\nHyjinx Software Division\nBabsCo, Inc.\n"
    [address] = card.all("ADR")
    assert address.parts[2:4] == ("123 Main Street", "Any Town")
    assert address.parameters["GEO"] == "geo:12.3457,78.910"
    assert card.first("EMAIL") == "jqpublic@xyz.example.com"
    assert card.all("N")[0].language == "jp"


def test_version_3_and_bare_line_ends_and_a_byte_order_mark_are_read():
    content = "\ufeffBEGIN:VCARD\nVERSION:3.0\nFN:Ann\n  Smith\nEND:VCARD\n\nbegin:vcard\n"
    content += "version:4.0\nfn;language=ru-RU:Анна\nend:vcard"
    first, second = read(content.encode())
    assert (first.number, first.first("FN")) == (1, "Ann Smith")
    assert (second.number, second.by_language("FN")) == (7, {"ru": "Анна"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no vCard"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann\r\n", "no vCard"),
        (b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Ann\r\nEND:VCARD\r\n", "version 2.1"),
        (b"BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD\r\n", "version ?"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\nnoise\r\nEND:VCARD\r\n", "no vCard"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:\xff\r\nEND:VCARD\r\n", "UTF-8"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n" * 501, "more than 500"),
        (b"BEGIN:VCARD" + b" " * vcards.LARGEST_FILE, "larger than 4"),
    ],
)
def test_what_is_no_card_is_refused(content, message):
    with pytest.raises(Refused) as refusal:
        read(content)
    assert message in str(refusal.value)
