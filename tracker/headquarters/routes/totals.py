"""Every figure as of any moment, the list behind each, the sentences, and the proof."""

from datetime import datetime
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation.labels import FUNCTIONS, STATUSES
from tracker.delegations.queries import delegations_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import region_names
from tracker.headquarters.routes.blueprint import blueprint, clean, local_text, moment_asked
from tracker.kernel import clock, tables
from tracker.kernel.i18n import LANGUAGES, language, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, requires
from tracker.observers.labels import SEXES
from tracker.organizations.states import citizenship_name
from tracker.totals.charts import drawn
from tracker.totals.figures import Figures
from tracker.totals.queries import curve, figures, recount
from tracker.totals.senders import key_of
from tracker.totals.sentences import figures_sentence, press_sentence

COLUMNS = (
    tables.Column("figure", _l("Figure"), lambda row: row[0]),
    tables.Column("group", _l("Group"), lambda row: row[1]),
    tables.Column("count", _l("Number"), lambda row: row[2], "num"),
)
NUMBERS = (
    "observers",
    "organizations",
    "states",
    "observers_from_organizations",
    "observers_from_states",
    "citizenships",
)


def _flat(found: Figures) -> list[tuple[str, str, int]]:
    rows = [(name, "", getattr(found, name)) for name in NUMBERS]
    for name, groups in found.as_dict().items():
        if isinstance(groups, dict):
            rows += [(name, key, count) for key, count in groups.items()]
    return rows


def _sentences(found: Figures) -> list[tuple[str, str, str]]:
    """For each language its name, the sentence and the press form."""
    senders = {"organizations": found.organizations, "states": found.states}
    return [
        (
            code,
            figures_sentence(code, found),
            press_sentence(code, observers=found.observers, **senders),
        )
        for code in LANGUAGES
    ]


def _groups(election: Election, found: Figures) -> list[dict[str, Any]]:
    """The grouped figures with names and the address parameter of the list behind each row."""
    code = language()
    senders: dict[str, tuple[int, str]] = {}
    for row in delegations_of(actor(), election.id):
        senders[key_of(row.organization)] = (row.id, localized(row.organization, "name"))
    regions = region_names(election.host_country)

    def of_senders(counts: Any) -> list[Any]:
        return [
            (senders[key][1], count, {"delegation": senders[key][0]})
            for key, count in counts.items()
        ]

    def named(counts: Any, parameter: str, name: Any) -> list[Any]:
        return [(name(key), count, {parameter: key}) for key, count in counts.items()]

    return [
        {"label": _("By organization"), "rows": of_senders(found.by_organization)},
        {"label": _("By state"), "rows": of_senders(found.by_state)},
        {
            "label": _("By citizenship"),
            "rows": named(
                found.by_citizenship, "citizenship", lambda key: citizenship_name(key, code)
            ),
        },
        {
            "label": _("By function"),
            "rows": named(found.by_function, "function", lambda key: _(FUNCTIONS[key])),
        },
        {"label": _("By sex"), "rows": named(found.by_sex, "sex", lambda key: _(SEXES[key]))},
        {
            "label": _("By region"),
            "rows": named(found.by_region, "region", lambda key: regions.get(key, key)),
        },
    ]


def _proof(
    election: Election, found: Figures, as_of: datetime | None, known_at: datetime | None
) -> bool | None:
    """Whether counting anew from the history finds the same; None where nobody asks for that."""
    if "recount" not in request.args:
        return None
    return recount(election, as_of=as_of, known_at=known_at) == found


@blueprint.get("/e/<election>/totals/")
@requires(Capability.VIEW_HEADQUARTERS)
def totals(election: str) -> ResponseReturnValue:
    """All figures as of a moment of effect, as known at a moment of record."""
    row = election_for(actor(), election)
    as_of, known_at = moment_asked(row, "as_of"), moment_asked(row, "known_at")
    found = figures(row, as_of=as_of, known_at=known_at)
    if format_ := format_asked():
        return tables.export(COLUMNS, _flat(found), name=f"{row.slug}-totals", format=format_)
    points = curve(row, until=as_of)
    return render_template(
        "headquarters/totals.html",
        election=row,
        found=found,
        sentences=_sentences(found),
        language_names=LANGUAGES,
        groups=_groups(row, found),
        points=points,
        curve=drawn(row, points, as_of or clock.now()),
        as_of=clock.local(as_of, row.time_zone) if as_of else None,
        at=clean(as_of=local_text(row, as_of), known_at=local_text(row, known_at)),
        statuses=STATUSES,
        proof=_proof(row, found, as_of, known_at),
    )


@blueprint.get("/e/<election>/totals.json")
@requires(Capability.VIEW_HEADQUARTERS)
def totals_json(election: str) -> ResponseReturnValue:
    """The figures as `tracker totals --format json` prints them."""
    row = election_for(actor(), election)
    as_of, known_at = moment_asked(row, "as_of"), moment_asked(row, "known_at")
    return jsonify(figures(row, as_of=as_of, known_at=known_at).as_dict())
