"""The data dictionary, docs/data.md, made from the models: `make data`.

A table means what its model's docstring says, a column what the comment at it says; the values of
an enumeration mean what stands beside them. What is called the same in many tables means the same
in all of them and is said once, in `SAME`. A test of the house fails where a column has no meaning,
and where the file is not what this module makes.
"""

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

import tracker.app  # noqa: F401 - every part is loaded
from tracker.kernel.database import Model, UtcDateTime, db
from tracker.kernel.encryption import Encrypted
from tracker.kernel.storage import StorageKey
from tracker.retention.holdings import HOLDINGS, KEPT, Holding
from tracker.retention.rules import BY_AGE, DEFAULT_DAYS

TARGET = Path(__file__).parents[2] / "docs" / "data.md"
LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
PARTS = (
    *("kernel", "audit", "accounts", "elections", "organizations", "officials", "delegations"),
    *("observers", "accreditation", "lists", "credentials", "meetings", "logistics"),
    *("publications", "notices", "webhooks", "retention"),
)
SAME: Mapping[str, str] = {
    "id": "The row's own number, given by the database.",
    "version": "Moves by one at each change; a change of an older one is refused.",
    "election_id": "The election that it belongs to.",
    "delegation_id": "The delegation that it belongs to.",
    "accreditation_id": "The accreditation that it belongs to.",
    "institution_id": "The institution that it belongs to.",
    "meeting_id": "The meeting that it belongs to.",
    "official_id": "The official whom it is about.",
    "hall_id": "The hall that it is about.",
    "interpreter_id": "The interpreter whom it is about.",
    "role_id": "The role.",
    "user_id": "The account that it belongs to.",
    "from_status": "The status before the step; none where the step is the first.",
    "to_status": "The status since the step.",
    "effective_at": "From which moment on it holds.",
    "effective_on": "From which day on it holds.",
    "recorded_at": "When it became known here, whenever it took effect.",
    "actor_id": "The account that did it; no key, since accounts may go.",
    "actor_name": "Who did it, as they were called then.",
    "created_at": "When the row was made.",
    "created_by": "Who made the row, as they were called then.",
    "is_active": "Whether it can be chosen; what is not stays where it was chosen before.",
    "starts_at": "When it begins.",
    "ends_at": "When it ends.",
    "starts_on": "The first day.",
    "ends_on": "The last day.",
    "phone": "The telephone number.",
    "email": "The address of mail.",
    "reason": "Why, as somebody wrote it.",
    "name": "What it is called.",
    "title": "What it is called.",
}
HEAD = """# The data dictionary

Every table and column of the database, by part, from the ground up. Made from the models by
`make data`; a test fails where this file is not what they say. [architecture.md](architecture.md)
says why things are so, [retention.md](retention.md) what goes when, [keys.md](keys.md) how columns
are encrypted.

**Types.** *Moment*: a point in time, stored in UTC and shown in the zone of the election. *Day*: a
day of the calendar in that zone. *Time of day*: what the clock on the wall shows there. *File*: the
name (SHA-256 of the content) of an encrypted file in the store. *Encrypted*: ciphertext in the
database, clear only in the application. *Digest*: by which an encrypted value is found, or a change
shows; keyed where it is of personal data.

**Held.** *Redacted*: the audit record says that it changed and not what it was. *Not recorded*: the
audit record leaves it out, since it follows from what is recorded or says nothing of anybody's
work. *Personal*: with the category and after how many days it is blanked; they count from the
election day of the last round or, where it says *of its age*, from the row's own day. The days are
the defaults, an administrator sets those of the law.

## What is called the same
"""


@cache
def _comments(module: ModuleType) -> tuple[Mapping[int, str], frozenset[int]]:
    """The comments of a module by line, without directives, and which lines hold nothing else."""
    source = inspect.getsource(module)
    found, alone = {}, set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = re.sub(r"#? *(noqa|type: *ignore)[^-]*", "", token.string[1:]).strip(" -")
            if text:
                found[token.start[0]] = text
            if not token.line[: token.start[1]].strip():
                alone.add(token.start[0])
    return found, frozenset(alone)


def _said(module: ModuleType, node: ast.stmt | ast.expr) -> str:
    """What the comments at a statement say: those above it, then those on its lines."""
    comments, alone = _comments(module)
    first = node.lineno
    while first - 1 in alone:
        first -= 1
    lines = range(first, (node.end_lineno or node.lineno) + 1)
    return " ".join(comments[line] for line in lines if line in comments)


def _assigned(kind: type) -> Iterator[tuple[str, str]]:
    """What is assigned in the body of a class, and what is said of it there."""
    module = inspect.getmodule(kind)
    assert module is not None
    [body] = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    ]
    for node in body.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign):
            [target] = node.targets
        if isinstance(target, ast.Name):
            yield target.id, _said(module, node)


@cache
def own_words(kind: type) -> Mapping[str, str]:
    """What a model says of its columns, those of its mixins included."""
    words: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.startswith("tracker.") and each is not Model:
            words.update({name: said for name, said in _assigned(each) if said})
    return words


def _sentence(text: str) -> str:
    if not re.match(r"\w+_|https:", text):
        text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?…" else f"{text}."


def meaning(table: sa.Table, column: sa.Column, words: Mapping[str, str]) -> str:
    """What a column means; empty where nothing says it."""
    stem, _, language = column.name.rpartition("_")
    if column.name not in words and language in LANGUAGES:
        first = words.get(f"{stem}_en", words.get(stem, SAME.get(stem, "")))
        said = first.rstrip(".")
        return f"{_sentence(said).rstrip('.')}, in {LANGUAGES[language]}." if said else ""
    said = words.get(column.name) or _of_enumeration(column) or SAME.get(column.name, "")
    if language in LANGUAGES and said:
        said = f"{said.rstrip('.')}, in {LANGUAGES[language]}"
    return _sentence(said)


def _of_enumeration(column: sa.Column) -> str:
    kind = column.type.enum_class if isinstance(column.type, sa.Enum) else None
    return "" if kind is None or column.name in SAME else " ".join((kind.__doc__ or "").split())


def _type(column: sa.Column) -> str:
    kind = column.type
    if isinstance(kind, StorageKey):
        return "file"
    if isinstance(kind, Encrypted):
        return "encrypted JSON" if "Json" in type(kind).__name__ else "encrypted text"
    if isinstance(kind, sa.Enum):
        return " · ".join(f"`{value}`" for value in kind.enums)
    if isinstance(kind, UtcDateTime):
        return "moment (UTC)"
    names = {
        **{sa.Boolean: "yes or no", sa.Date: "day", sa.Time: "time of day", sa.JSON: "JSON"},
        **{sa.Integer: "whole number", sa.BigInteger: "whole number", sa.Float: "number"},
        **{sa.LargeBinary: "bytes", sa.Text: "text"},
    }
    if "digest" in column.name.split("_") and isinstance(kind, sa.String):
        return "digest"
    exact = names.get(type(kind))
    if exact is None and isinstance(kind, sa.String):
        exact = f"text, at most {kind.length}"
    return exact or "list, as text"


def _key(column: sa.Column) -> str:
    said = ["primary"] if column.primary_key else []
    said += sorted(f"→ {key.column.table.name}" for key in column.foreign_keys)
    table = column.table
    is_single = any(
        isinstance(each, sa.UniqueConstraint) and [*each.columns] == [column]
        for each in table.constraints
    )
    return ", ".join([*said, "unique"] if is_single else said)


def _days(holding: Holding) -> str:
    category = holding.category
    age = " of its age" if category in BY_AGE else ""
    return f"{category.value.replace('_', '-')}, {DEFAULT_DAYS[category]} days{age}"


def _is_marked(column: sa.Column) -> bool:
    is_hidden = column.info.get("audit") == "redact"
    return is_hidden or isinstance(column.type, Encrypted | StorageKey)


def _held(column: sa.Column) -> str:
    table = column.table.name
    said = {"redact": ["redacted"], "skip": ["not recorded"]}.get(column.info.get("audit"), [])
    for each in HOLDINGS:
        if each.name == table and column.name in (each.blanks or {}):
            said.append(f"personal: {_days(each)}")
        if each.name == table and each.blanks is None and _is_marked(column):
            said.append("personal: goes with the row")
    reason = KEPT.get((table, column.name))
    return "; ".join([*said, reason[:1].lower() + reason[1:].rstrip(".")] if reason else said)


def _goes(table: sa.Table) -> str:
    rows = [each for each in HOLDINGS if each.name == table.name and each.blanks is None]
    said = "The audit record leaves it out. " if table.info.get("audit") == "skip" else ""
    return said + "".join(f"Personal; the whole row goes: {_days(each)}. " for each in rows)


def kinds() -> Mapping[str, type]:
    """The model of each table that has one."""
    return {mapper.local_table.name: mapper.class_ for mapper in Model.registry.mappers}


def columns() -> Iterator[tuple[sa.Table, sa.Column, str]]:
    """Every column of the schema, and what it means."""
    models = kinds()
    for table in db.metadata.sorted_tables:
        words = own_words(models[table.name]) if table.name in models else {}
        for column in table.columns:
            yield table, column, meaning(table, column, words)


def _part(table: sa.Table) -> str:
    models = kinds()
    if table.name in models:
        return models[table.name].__module__.split(".")[1]
    return max(
        (models[key.column.table.name].__module__.split(".")[1] for key in table.foreign_keys),
        key=PARTS.index,
    )


def _enumerations(table: sa.Table) -> Iterator[str]:
    for column in table.columns:
        kind = column.type.enum_class if isinstance(column.type, sa.Enum) else None
        if kind is not None:
            words = own_words(kind)
            said = [
                f"`{each.value}`: {words[each.name].rstrip('.')}"
                for each in kind
                if words.get(each.name)
            ]
            if said:
                yield f"`{column.name}`: " + "; ".join(said) + "."


def _table(table: sa.Table) -> Iterator[str]:
    model = kinds().get(table.name)
    doc = inspect.cleandoc(model.__doc__ or "") if model else LINKS[table.name]
    yield f"### {table.name}\n"
    yield f"{' '.join(doc.split())} {_goes(table)}".rstrip() + "\n"
    yield "| column | meaning | type | empty | key | held |\n|---|---|---|---|---|---|"
    words = own_words(model) if model else {}
    for column in table.columns:
        empty = "may be" if column.nullable else ""
        cells = (f"`{column.name}`", meaning(table, column, words), _type(column), empty)
        yield "| " + " | ".join((*cells, _key(column), _held(column))) + " |"
    yield "".join(f"\n{each}\n" for each in _enumerations(table))


# Tables of two keys have no model to say what they are.
LINKS: Mapping[str, str] = {
    "meeting_delegations": "Which delegations take part in a meeting.",
    "meeting_officials": "Which officials take part in a meeting.",
    "role_assignments": "Which roles an account has.",
}


def dictionary() -> str:
    """The whole file."""
    lines = [HEAD, "| column | meaning |\n|---|---|"]
    lines += [f"| `{name}` | {said} |" for name, said in SAME.items()]
    lines.append("| `…_en`, `…_ru`, `…_kk` | The same in English, Russian and Kazakh. |")
    tables = sorted(db.metadata.tables.values(), key=lambda table: table.name)
    for part in PARTS:
        lines.append(f"\n## {part}\n")
        for table in tables:
            if _part(table) == part:
                lines += _table(table)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(dictionary(), encoding="utf-8")
