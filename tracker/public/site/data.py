"""Open data: the totals as files with stable English columns, codes of ISO 3166-1, checksums."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock, tables
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires
from tracker.organizations.states import LANGUAGES, state_name
from tracker.public.elections import election_of
from tracker.public.site.blueprint import at, blueprint, download, page
from tracker.public.site.licence import LICENCE
from tracker.totals.crossings import CITIZENSHIP, SEX, by_function
from tracker.totals.disclosure import THRESHOLD, suppressed
from tracker.totals.queries import curve, figures
from tracker.totals.senders import last_recorded, organizations_of

CHECKSUMS, SCHEMA = "SHA256SUMS", "csv-metadata.json"
CSV, JSON = "text/csv; charset=utf-8; header=present", "application/json"
Row = Sequence[str | int | None]

# What each column holds: its type in CSVW (https://www.w3.org/TR/tabular-metadata/), and words.
COLUMNS = {
    "organization": ("string", N_("Acronym of the organization, or its English name")),
    "kind": ("string", N_("Kind of the sender")),
    "state": ("string", N_("ISO 3166-1 alpha-2 code of the sending State")),
    "name_en": ("string", N_("Name in English")),
    "name_ru": ("string", N_("Name in Russian")),
    "name_kk": ("string", N_("Name in Kazakh")),
    "date": ("date", N_("Day in the election's time zone (ISO 8601)")),
    "change": ("integer", N_("By how many the accredited observers grew on that day")),
    "observers": ("integer", N_("Accredited observers; empty where the number is left out")),
    "citizenship": ("string", N_("ISO 3166-1 alpha-2 code; three letters as in ICAO Doc 9303-3")),
    "sex": ("string", N_("Sex as in the travel document")),
    "function": ("string", N_("Function in the delegation")),
}


@dataclass(frozen=True)
class Table:
    """One table of the open data, without the ending of its files."""

    name: str
    label: str
    columns: tuple[str, ...]
    rows: Callable[[Election], list[Row]]


def _by_organization(election: Election) -> list[Row]:
    known = organizations_of(election)
    return [
        (key, row.kind.value, row.name_en, row.name_ru, row.name_kk, count)
        for key, count in sorted(figures(election).by_organization.items())
        for row in [known[key]]
    ]


def _by_state(election: Election) -> list[Row]:
    return [
        (code, *(state_name(code, language) for language in LANGUAGES), count)
        for code, count in sorted(figures(election).by_state.items())
    ]


def _by_day(election: Election) -> list[Row]:
    return [(each.day.isoformat(), each.change, each.total) for each in curve(election)]


def _crossed(what: Any) -> Callable[[Election], list[Row]]:
    def rows(election: Election) -> list[Row]:
        table = by_function(election.id, what)
        hidden = suppressed(table)
        if hidden is None:
            return []
        cells = sorted({*table, *hidden})
        return [(*cell, None if cell in hidden else table.get(cell, 0)) for cell in cells]

    return rows


NAMES = ("name_en", "name_ru", "name_kk")
TABLES = (
    Table(
        "observers-by-organization",
        N_("Observers by organization"),
        ("organization", "kind", *NAMES, "observers"),
        _by_organization,
    ),
    Table(
        "observers-by-state", N_("Observers by State"), ("state", *NAMES, "observers"), _by_state
    ),
    Table("observers-by-day", N_("Observers by day"), ("date", "change", "observers"), _by_day),
    Table(
        "observers-by-citizenship-and-function",
        N_("Observers by citizenship and function"),
        ("citizenship", "function", "observers"),
        _crossed(CITIZENSHIP),
    ),
    Table(
        "observers-by-sex-and-function",
        N_("Observers by sex and function"),
        ("sex", "function", "observers"),
        _crossed(SEX),
    ),
)


def _as_csv(table: Table, rows: Sequence[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(table.columns)
    writer.writerows([tables.plain(value) for value in row] for row in rows)
    return buffer.getvalue()


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _as_json(election: Election, table: Table, rows: Sequence[Row]) -> str:
    moment = last_recorded(election)
    return _written(
        {
            "table": table.name,
            "election": election.slug,
            "as_of": clock.local(moment, election.time_zone).isoformat() if moment else None,
            "licence": LICENCE,
            "rows": [dict(zip(table.columns, row, strict=True)) for row in rows],
        }
    )


def _in_all_languages(message: str) -> list[dict[str, str]]:
    """A text as CSV on the Web has it in several languages."""
    found = []
    for code in LANGUAGES:
        with force_locale(code):
            found.append({"@value": _(message), "@lang": code})
    return found


def _schema(election: Election) -> str:
    """What the columns of the CSV files hold (CSV on the Web, W3C)."""
    listed = [
        {
            "url": f"{table.name}.csv",
            "tableSchema": {
                "columns": [
                    {
                        "name": name,
                        "titles": name,
                        "datatype": COLUMNS[name][0],
                        "dc:description": _in_all_languages(COLUMNS[name][1]),
                    }
                    for name in table.columns
                ]
            },
        }
        for table in TABLES
    ]
    return _written(
        {
            "@context": "http://www.w3.org/ns/csvw",
            "dc:title": f"Accredited international observers: {election.name_en}",
            "dc:license": {"@id": LICENCE},
            "tables": listed,
        }
    )


def _file(election: Election, name: str) -> tuple[str, str] | None:
    """Content and type of a file; None where there is none."""
    if name == SCHEMA:
        return _schema(election), "application/csvm+json"
    for table in TABLES:
        if name == f"{table.name}.csv":
            return _as_csv(table, table.rows(election)), CSV
        if name == f"{table.name}.json":
            return _as_json(election, table, table.rows(election)), JSON
    return None


def _names() -> list[str]:
    return [f"{table.name}.{ending}" for table in TABLES for ending in ("csv", "json")] + [SCHEMA]


def _checksums(election: Election) -> str:
    """What `sha256sum --check` reads."""
    lines = []
    for name in _names():
        content, _kind = _file(election, name) or ("", "")
        lines.append(f"{hashlib.sha256(content.encode()).hexdigest()}  {name}\n")
    return "".join(lines)


@blueprint.get(at("e/<election>/data"))
@requires(Capability.PUBLIC)
def data(lang: str, election: str) -> ResponseReturnValue:
    """What there is to download, what its columns hold, and under what terms."""
    row = election_of(election)
    moment = last_recorded(row)
    return page(
        "site/data.html",
        election=row,
        tables=TABLES,
        columns=COLUMNS,
        threshold=THRESHOLD,
        schema=SCHEMA,
        checksums=CHECKSUMS,
        licence=LICENCE,
        moment=clock.local(moment, row.time_zone) if moment else None,
    )


@blueprint.get("/data/<election>/<file>")
@requires(Capability.PUBLIC)
def data_file(election: str, file: str) -> ResponseReturnValue:
    """One file of the open data, the same in every language; also its checksums and its schema."""
    row = election_of(election)
    if file == CHECKSUMS:
        return download(_checksums(row), "text/plain; charset=utf-8")
    found = _file(row, file)
    if found is None:
        abort(404)
    content, kind = found
    return download(content, kind, f"{row.slug}-{file}")
