"""Words by which records are found: one form for a word in any alphabet and usual spelling.

"Ержан", "Yerzhan" and "Erzhan" become one word, so do "Кая" and "Kaya". The words of large tables
are rows of their own under a plain index, kept at flush like the audit record: a search is a
range of that index, the same on both databases, and costs the same among a million records as
among a thousand. What stands inside words is the beginning of one of their endings: these are kept
once for each different word, however many records have it. Small tables are compared in Python.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from tracker.kernel.database import (
    Base,
    Model,
    db,
    hold_chain,
    in_chunks,
    insert_into,
    ordered_by_bytes,
)
from tracker.kernel.text import search_key

LONGEST = 40
EXACT, WHOLE, START, INSIDE = range(4)  # how well a text matches; less is better
LONG = 5  # letters that are no ending of words: "кая" inside "тюркская" is nobody's name
SHORT = 3  # letters that are looked for inside words at all

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
    known, words, line = _said(tuple(texts))
    if tuple(wanted) in known:
        return EXACT
    if words.issuperset(wanted):
        return WHOLE
    if all(f" {part}" in line for part in wanted):
        return START
    is_inside = all(part in line for part in wanted)
    return INSIDE if is_inside and max(map(len, wanted), default=0) >= LONG else None


@lru_cache(maxsize=5_000)
def _said(
    texts: tuple[str | None, ...],
) -> tuple[frozenset[tuple[str, ...]], frozenset[str], str]:
    """What a record's texts say: each of them whole, all in words, and these in one line, each
    after a space."""
    known = frozenset(words_of(text) for text in texts if text)
    words = frozenset(word for each in known for word in each)
    return known, words, "".join(f" {word}" for word in words)


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


_WORD = ordered_by_bytes(LONGEST)  # in the order of a language a range of prefixes is none
# Follows from the record, which is recorded itself.
_TABLE = {"info": {"audit": "skip"}, "sqlite_with_rowid": False}


class SearchWord(Model):
    """One word of one record."""

    __tablename__ = "search_words"
    __table_args__ = (sa.Index("ix_search_words_by_word", "kind", "word", "record_id"), _TABLE)

    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)  # the table of the record
    # The record that has the word.
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # As it is compared, in plain Latin letters.
    word: Mapped[str] = mapped_column(_WORD, primary_key=True)


class SearchEnding(Model):
    """One ending of a word that some record has, from the word's second letter on."""

    __tablename__ = "search_endings"
    __table_args__ = (_TABLE,)

    # The table of the records that have the word.
    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    # What the word ends with, from its second letter on.
    ending: Mapped[str] = mapped_column(_WORD, primary_key=True)
    word: Mapped[str] = mapped_column(_WORD, primary_key=True)  # the whole word


class Searched:
    """Adds words to a model: those of the columns in `SEARCHED`."""

    SEARCHED: ClassVar[tuple[str, ...]]
    __tablename__: str
    id: Mapped[int]


def _rows(model: Any, key: int, values: Iterable[str | None]) -> list[dict[str, Any]]:
    found = words_of(" ".join(value for value in values if value))
    return [{"kind": model.__tablename__, "record_id": key, "word": word} for word in found]


def endings(word: str) -> list[str]:
    """What a word ends with, from its second letter on; a number has no endings."""
    return [] if word.isdigit() else [word[at:] for at in range(1, len(word) - SHORT + 1)]


def _insert(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep words of records, and the endings of those that no other has."""
    if not rows:
        return
    connection.execute(sa.insert(SearchWord), rows)
    found = [
        {"kind": kind, "ending": end, "word": word}
        for kind, word in sorted({(row["kind"], row["word"]) for row in rows})
        for end in endings(word)
    ]
    if found:
        statement = insert_into(SearchEnding, connection.dialect.name)
        connection.execute(statement.on_conflict_do_nothing(), found)


def _take(connection: sa.Connection, kind: str, ids: Sequence[int]) -> set[str]:
    """Take the words of these records away, and say which they were."""
    mine = SearchWord.kind == kind, SearchWord.record_id.in_(ids)
    found = set(connection.scalars(sa.select(SearchWord.word).where(*mine)))
    connection.execute(sa.delete(SearchWord).where(*mine))
    return found


def _forget(connection: sa.Connection, kind: str, words: Iterable[str]) -> None:
    """Take away the endings of those words that no record has any more."""
    row = SearchEnding
    is_used = sa.exists().where(SearchWord.kind == row.kind, SearchWord.word == row.word)
    for chunk in in_chunks(words):
        ends = [end for word in chunk for end in endings(word)]
        mine = row.kind == kind, row.ending.in_(ends), row.word.in_(chunk)
        connection.execute(sa.delete(row).where(*mine, ~is_used))


def keep_words(
    connection: sa.Connection, model: type[Base], rows: Sequence[dict[str, Any]]
) -> None:
    """Keep the words of new rows that go past the unit of work."""
    if not issubclass(model, Searched):
        return
    hold_chain(connection)  # nobody may forget a word's endings meanwhile
    found = [word for row in rows for word in _rows(model, row["id"], map(row.get, model.SEARCHED))]
    _insert(connection, found)


def remake_words(connection: sa.Connection, model: Any, ids: Sequence[int]) -> None:
    """Make the words of rows anew that were changed or deleted past the unit of work."""
    hold_chain(connection)
    gone = _take(connection, model.__tablename__, ids)
    columns = [getattr(model, name) for name in model.SEARCHED]
    rows = connection.execute(sa.select(model.id, *columns).where(model.id.in_(ids)))
    keep_words(connection, model, [dict(row._mapping) for row in rows])
    _forget(connection, model.__tablename__, gone)


def remake_all(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    """Make all words anew; gives the name of each table and how many records it has."""
    hold_chain(connection)
    for table in (SearchWord, SearchEnding):
        connection.execute(sa.delete(table))
    for mapper in Base.registry.mappers:
        model: Any = mapper.class_
        if issubclass(model, Searched):
            ids = connection.scalars(sa.select(model.id)).all()
            for chunk in in_chunks(ids, 10_000):
                remake_words(connection, model, chunk)
            yield model.__tablename__, len(ids)


@event.listens_for(db.session, "after_flush")
def _keep(session: Session, _flush: UOWTransaction) -> None:
    new = [row for row in session.new if isinstance(row, Searched)]
    dirty = [row for row in session.dirty if isinstance(row, Searched) and _has_changed(row)]
    gone = [row for row in session.deleted if isinstance(row, Searched)]
    if not (new or dirty or gone):
        return
    connection = session.connection()
    hold_chain(connection)
    old = [
        (row.__tablename__, _take(connection, row.__tablename__, [row.id]))
        for row in (*dirty, *gone)
    ]
    found = [
        word
        for row in (*new, *dirty)
        for word in _rows(row, row.id, (getattr(row, name) for name in row.SEARCHED))
    ]
    _insert(connection, found)
    for kind, words in old:
        _forget(connection, kind, words)


def _has_changed(row: Searched) -> bool:
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in row.SEARCHED)


@dataclass(frozen=True)
class Term:
    """A word that is looked for: at the beginning of words or, `is_inside`, anywhere in them."""

    word: str
    is_inside: bool = False
    count: int = 0  # of the records that have it, to the limit that they were counted to


def _range(column: Any, word: str) -> sa.ColumnElement[bool]:
    after = word[:-1] + chr(ord(word[-1]) + 1)
    return sa.and_(column >= word, column < after)


def beginning(model: Any, word: str) -> sa.ColumnElement[bool]:
    """The rows of `SearchWord` that say: a word of this model begins so."""
    return sa.and_(SearchWord.kind == model.__tablename__, _range(SearchWord.word, word))


def ending(model: Any, word: str) -> sa.ColumnElement[bool]:
    """The rows of `SearchEnding` that say: a word of this model holds it further inside."""
    return sa.and_(SearchEnding.kind == model.__tablename__, _range(SearchEnding.ending, word))


def _inside(model: Any, word: str) -> sa.ColumnElement[bool]:
    """The rows of `SearchWord` that say the same."""
    found = sa.select(SearchEnding.word).where(ending(model, word))
    return sa.and_(SearchWord.kind == model.__tablename__, SearchWord.word.in_(found))


def having(model: Any, term: Term) -> sa.SelectBase:
    """The ids of the records that have it, some of them more than once."""
    query = sa.select(SearchWord.record_id)
    begins = query.where(beginning(model, term.word))
    if not term.is_inside:
        return begins
    return sa.union_all(begins, query.where(_inside(model, term.word)))


def says(model: Any, key: Any, term: Term, *, whole: bool = False) -> sa.ColumnElement[bool]:
    """Whether the record whose id is `key` has it, or has it as a `whole` word."""
    row = SearchWord
    found = _range(row.word, term.word)
    if whole:
        found = row.word == term.word
    elif term.is_inside:
        found = row.word.contains(term.word)
    mine = row.kind == model.__tablename__, row.record_id == key
    return sa.exists(sa.select(row.word).where(*mine, found).correlate_except(row))


def terms(model: Any, wanted: Sequence[str], limit: int) -> list[Term]:
    """Where each word is to be looked for, the rarest first: in one statement.

    `SHORT` letters are looked for inside words where no word begins with them, `LONG` ones always.
    """
    if not wanted:
        return []
    query = sa.select(SearchWord.record_id)

    def number(place: sa.ColumnElement[bool]) -> Any:
        some = query.where(place).limit(limit).subquery()
        return sa.select(sa.func.count()).select_from(some).scalar_subquery()

    begins = [number(beginning(model, word)) for word in wanted]
    holds = [
        number(_inside(model, word)) if len(word) >= SHORT else sa.literal(0) for word in wanted
    ]
    numbers = db.session.execute(sa.select(*begins, *holds)).one()
    found = [
        _term(word, numbers[place], numbers[place + len(wanted)], limit)
        for place, word in enumerate(wanted)
    ]
    return sorted(found, key=lambda term: term.count)


def _term(word: str, begin: int, inside: int, limit: int) -> Term:
    is_inside = bool(inside) and (len(word) >= LONG or not begin)
    return Term(word, is_inside, min(limit, begin + inside * is_inside))


def terms_among(models: Sequence[Any], word: str) -> dict[str, Term]:
    """Where a word is to be looked for in each of these models of which a record has it, by the
    names of their tables: in one statement."""
    kinds = sa.union_all(
        *(sa.select(sa.literal(model.__tablename__).label("kind")) for model in models)
    ).subquery()
    end = sa.select(SearchEnding.word)
    end = end.where(SearchEnding.kind == kinds.c.kind, _range(SearchEnding.ending, word))
    row = sa.select(SearchWord.word).where(SearchWord.kind == kinds.c.kind)
    query = sa.select(
        kinds.c.kind,
        row.where(_range(SearchWord.word, word)).exists(),
        end.exists() if len(word) >= SHORT else sa.false(),
    )
    found = {
        kind: _term(word, begin, inside, 1) for kind, begin, inside in db.session.execute(query)
    }
    return {kind: term for kind, term in found.items() if term.count}
