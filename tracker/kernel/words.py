"""Words by which records are found: one form for a word in any alphabet and usual spelling.

"Ержан", "Yerzhan" and "Erzhan" become one word, so do "Кая" and "Kaya". The words of large tables
are rows of their own under a plain index, kept at flush like the audit record: a search is a
range of that index, the same on both databases, and costs the same among a million records as
among a thousand. Small tables are compared in Python, inside words too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from tracker.kernel.database import Model, db
from tracker.kernel.text import search_key

LONGEST = 40
EXACT, WHOLE, START, INSIDE = range(4)  # how well a text matches; less is better
LONG = 5  # letters that are no ending of words: "кая" inside "тюркская" is nobody's name

_TOKEN = re.compile("[a-z]+|[0-9]+")  # so that KC 904 and KC904 are the same
_RUN = re.compile(r"[^\W_]+")
# What passports, newspapers and people write differently for one sound. Each goes to something
# that begins as its own beginning does, so that half a word still finds the whole one.
_SPELLINGS = {
    **{"dzh": "z", "dj": "z", "zh": "z", "j": "z"},
    **{"kh": "h", "gh": "g", "sh": "s", "ch": "c", "ph": "f"},
    **{"ye": "e", "yo": "e", "yu": "u", "iu": "u", "y": "i", "ae": "a", "oe": "o", "ue": "u"},
    **{"q": "k", "w": "v", "x": "ks"},
}
_SPELLING = re.compile("|".join(_SPELLINGS))
_DOUBLE = re.compile(r"([a-z])\1+")

_CYRILLIC_LETTER = re.compile("[\u0400-\u04ff]")
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё"
_KEYS = {
    ord(one): other
    for pair in ((_LATIN, _CYRILLIC), (_CYRILLIC, _LATIN))
    for one, other in zip(*pair, strict=True)
}


def _sound(word: str) -> str:
    if word.isdigit():
        return word
    return _DOUBLE.sub(r"\1", _SPELLING.sub(lambda match: _SPELLINGS[match[0]], word))


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """The different words of `text` in order, each as it is compared."""
    found = (_sound(token)[:LONGEST] for token in _TOKEN.findall(search_key(text)))
    return tuple(dict.fromkeys(found))


def other_layout(text: str) -> str | None:
    """`text` as the same keys give it on the other layout: "dcnhtxb" is "встречи"; None where
    that is no word either, as for "Ержан" which would be "th;fy"."""
    meant = text.lower().translate(_KEYS)
    letters = meant.replace(" ", "").replace("-", "")
    return meant if letters.isalnum() and meant != text.lower() else None


def is_cyrillic(text: str) -> bool:
    """Whether a letter of `text` is Cyrillic."""
    return _CYRILLIC_LETTER.search(text) is not None


def rank(wanted: Sequence[str], texts: Iterable[str | None]) -> int | None:
    """How well the texts of one record match: one of them exactly, by whole words, at the start
    of words, or inside; None where a word is in none of them."""
    known = [words_of(text) for text in texts if text]
    if tuple(wanted) in known:
        return EXACT
    words = {word for each in known for word in each}
    if words.issuperset(wanted):
        return WHOLE
    if all(any(word.startswith(part) for word in words) for part in wanted):
        return START
    is_inside = all(any(part in word for word in words) for part in wanted)
    return INSIDE if is_inside and max(map(len, wanted), default=0) >= LONG else None


def parts(text: str, wanted: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """`text` in pieces, with True for the beginnings of words that were looked for."""
    end = 0
    for run in _RUN.finditer(text):
        length = max((_length(run[0], word) for word in wanted), default=0)
        if length:
            yield text[end : run.start()], False
            end = run.start() + length
            yield text[run.start() : end], True
    yield text[end:], False


def _length(run: str, word: str) -> int:
    """How many letters of `run`, in whatever alphabet, say `word`; 0 where it begins otherwise."""
    if not "".join(words_of(run)).startswith(word):
        return 0
    sizes = range(1, len(run) + 1)
    return next(size for size in sizes if "".join(words_of(run[:size])).startswith(word))


class SearchWord(Model):
    """One word of one record."""

    __tablename__ = "search_words"
    __table_args__ = (
        sa.Index("ix_search_words_by_word", "kind", "word", "record_id"),
        # Follows from the record, which is recorded itself.
        {"info": {"audit": "skip"}, "sqlite_with_rowid": False},
    )

    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)  # the record's table
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # By bytes: in the order of a language a range of prefixes is none.
    word: Mapped[str] = mapped_column(
        sa.String(LONGEST).with_variant(sa.String(LONGEST, collation="C"), "postgresql"),
        primary_key=True,
    )


class Searched:
    """Adds words to a model: those of the columns in `SEARCHED`."""

    SEARCHED: ClassVar[tuple[str, ...]]
    __tablename__: str
    id: Mapped[int]


def _rows(model: Any, key: int, values: Iterable[str | None]) -> list[dict[str, Any]]:
    found = words_of(" ".join(value for value in values if value))
    return [{"kind": model.__tablename__, "record_id": key, "word": word} for word in found]


def keep_words(session: Session, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Keep the words of new rows that go past the unit of work."""
    if not issubclass(model, Searched):
        return
    found = [word for row in rows for word in _rows(model, row["id"], map(row.get, model.SEARCHED))]
    if found:
        session.connection().execute(sa.insert(SearchWord), found)


@event.listens_for(db.session, "after_flush")
def _keep(session: Session, _flush: UOWTransaction) -> None:
    new = [row for row in session.new if isinstance(row, Searched)]
    dirty = [row for row in session.dirty if isinstance(row, Searched) and _has_changed(row)]
    gone = [row for row in session.deleted if isinstance(row, Searched)]
    for row in (*dirty, *gone):
        of_row = SearchWord.kind == row.__tablename__, SearchWord.record_id == row.id
        session.connection().execute(sa.delete(SearchWord).where(*of_row))
    found = [
        word
        for row in (*new, *dirty)
        for word in _rows(row, row.id, (getattr(row, name) for name in row.SEARCHED))
    ]
    if found:
        session.connection().execute(sa.insert(SearchWord), found)


def _has_changed(row: Searched) -> bool:
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in row.SEARCHED)


def beginning(model: Any, word: str) -> sa.ColumnElement[bool]:
    """The rows of `SearchWord` that say: a word of this model begins so."""
    after = word[:-1] + chr(ord(word[-1]) + 1)
    return sa.and_(
        SearchWord.kind == model.__tablename__, SearchWord.word >= word, SearchWord.word < after
    )


def having(model: Any, word: str) -> sa.Select[int]:
    """The ids of the records of which a word begins so."""
    return sa.select(SearchWord.record_id).where(beginning(model, word))


def rarest_first(model: Any, wanted: Sequence[str], limit: int) -> list[tuple[int, str]]:
    """The words with the numbers of their records, counted to `limit` at most, the rarest first."""
    counted = [
        sa.select(sa.func.count())
        .select_from(having(model, word).limit(limit).subquery())
        .scalar_subquery()
        for word in wanted
    ]
    numbers = db.session.execute(sa.select(*counted)).one()
    return sorted(zip(numbers, wanted, strict=True))
