"""The list of observers and the page of one."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker import people
from tracker.accreditation import queries as accreditation
from tracker.accreditation.labels import FUNCTIONS, GROUNDS, MISSING, STATUSES, TONES
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.accreditation.queries import Presenting
from tracker.accreditation.rules import IDENTITY_EDITABLE, LIVE_STATUSES, Step, steps_from
from tracker.credentials import labels as credential_labels
from tracker.credentials.register import RegisterAnswer
from tracker.credentials.rules import LIVE
from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import region_names
from tracker.headquarters import queries
from tracker.headquarters.routes.blueprint import blueprint, local_text, moment_asked
from tracker.kernel import clock, tables
from tracker.kernel.i18n import language, localized
from tracker.kernel.listing import streamed
from tracker.kernel.permissions import Capability
from tracker.kernel.text import whole_number
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.observers.labels import DOCUMENTS, SEXES
from tracker.observers.models import Sex
from tracker.organizations.states import citizenship_name, named

FIGURES = {
    "observers": _l("observers accredited"),
    "organizations": _l("observers of international organizations"),
    "observers_from_organizations": _l("observers of international organizations"),
    "states": _l("observers of foreign states"),
    "observers_from_states": _l("observers of foreign states"),
    "awaiting": _l("observers awaiting a decision"),
}
LACKING = {
    "portrait": _l("Portrait"),
    "passport": _l("Travel document valid long enough"),
    "duplicate": _l("Possible duplicate"),
    "arrival": _l("Arrival"),
    "certificate": _l("Certificate"),
}

LABELS = {
    "statuses": STATUSES,
    "tones": TONES,
    "functions": FUNCTIONS,
    "grounds": GROUNDS,
    "missing_labels": MISSING,
    "sexes": SEXES,
    "documents": DOCUMENTS,
    "certificate_statuses": credential_labels.STATUSES,
    "verdicts": credential_labels.VERDICTS,
    "reasons": credential_labels.REASONS,
}

COLUMNS = (
    tables.Column("no", _l("No."), lambda row: row.id, "num"),
    tables.Column("surname", _l("Surname"), lambda row: row.surname),
    tables.Column("given_names", _l("Given names"), lambda row: row.given_names),
    tables.Column("native_name", _l("Name in own script"), lambda row: row.native_name),
    tables.Column(
        "citizenship",
        _l("Citizenship"),
        lambda row: citizenship_name(row.citizenship, language()),
        of=lambda row: row.citizenship,
    ),
    tables.Column("delegation", _l("Delegation"), lambda row: row.sender),
    tables.Column(
        "function",
        _l("Function"),
        lambda row: _label(FUNCTIONS, row.function),
        of=lambda row: row.function,
    ),
    tables.Column("region", _l("Region"), lambda row: row.region),
    tables.Column(
        "status",
        _l("Status"),
        lambda row: _label(STATUSES, row.status),
        of=lambda row: row.status,
    ),
)


def _label(labels: dict[Any, str], value: Any) -> str:
    return str(_(labels[value])) if value else ""


def _wanted(election: Election) -> people.Wanted:
    arguments = request.args
    delegation = arguments.get("delegation", "")
    figure, lacking = arguments.get("figure", ""), arguments.get("missing", "")
    return people.Wanted(
        figure=figure if figure in FIGURES else "",
        text=arguments.get("q", "")[:100],
        status=member_asked(AccreditationStatus, "status"),
        delegation_id=whole_number(delegation),
        citizenship=arguments.get("citizenship", ""),
        function=member_asked(Function, "function"),
        region=arguments.get("region", ""),
        sex=member_asked(Sex, "sex"),
        lacking=lacking if lacking in LACKING else "",
        as_of=moment_asked(election, "as_of"),
        known_at=moment_asked(election, "known_at"),
    )


def _shown(rows: Iterable[Any], election: Election) -> list[dict[str, Any]]:
    """Rows ready to print; one prebuilt address, since building one a row costs more than a row."""
    code = language()
    base = url_for("headquarters.observers", election=election.slug)
    regions = region_names(election.host_country)
    functions = {value: str(_(label)) for value, label in FUNCTIONS.items()}
    statuses = {value: str(_(label)) for value, label in STATUSES.items()}
    return [
        {
            "id": row.id,
            "url": f"{base}{row.id}",
            "name": f"{row.surname} {row.given_names}".strip(),
            "native_name": row.native_name,
            "citizenship": citizenship_name(row.citizenship, code),
            "sender": row.sender,
            "function": functions.get(row.function, ""),
            "region": regions.get(row.region, ""),
            "status": statuses[row.status],
            "tone": TONES[row.status],
            "is_registered": row.status is AccreditationStatus.REGISTERED,
            "has_portrait": row.portrait is not None,
        }
        for row in rows
    ]


def _citizenships(election: Election, asked: str) -> list[tuple[str, str]]:
    """Those that somebody has, and the one asked for, by the reader's alphabet."""
    return named({*accreditation.citizenships(actor(), election.id), asked} - {""}, language())


def _choices(election: Election, wanted: people.Wanted) -> dict[str, Any]:
    """What the list can be narrowed by, as lists to choose from."""
    return {
        "delegations": delegation_names(actor(), election.id).items(),
        "citizenships": _citizenships(election, wanted.citizenship),
        "status_options": [(value, _(label)) for value, label in STATUSES.items()],
        "function_options": [(value, _(label)) for value, label in FUNCTIONS.items()],
        "regions": region_names(election.host_country).items(),
        "lacking": LACKING,
    }


@blueprint.get("/e/<election>/observers/")
@requires(Capability.VIEW_DELEGATIONS)
def observers(election: str) -> ResponseReturnValue:
    """Observers by name, narrowed by filters or by a figure, now or as of a moment."""
    row = election_for(actor(), election)
    wanted = _wanted(row)
    if format_ := format_asked(fresh=True):
        rows = streamed(people.observers(actor(), row, wanted, language()))
        return tables.export(COLUMNS, rows, name=f"{row.slug}-observers", format=format_)
    asked = actor(), row, wanted, language(), request.args.get("cursor")
    page, count = people.observers_page(*asked)
    return render_template(
        "headquarters/observers.html",
        election=row,
        page=page,
        rows=_shown(page.rows, row),
        count=count,
        wanted=wanted,
        figure=FIGURES.get(wanted.figure),
        as_of=clock.local(wanted.as_of, row.time_zone) if wanted.as_of else None,
        as_of_text=local_text(row, wanted.as_of),
        presenting=accreditation.presenting_by(actor(), row),
        **_choices(row, wanted),
    )


def _actions(row: Accreditation, presenting: Presenting) -> dict[str, bool]:
    """What this person may do with this accreditation now."""
    person, steps = actor(), steps_from(row.status)
    edits = person.may(Capability.EDIT_OBSERVERS)
    is_live, is_early = row.status in LIVE_STATUSES, row.status in IDENTITY_EDITABLE
    asks = person.is_of_delegation and person.may(Capability.WRITE_MESSAGES)
    return {
        "edit": edits and is_live,
        "correct": not edits and person.may(Capability.DELIVER_LISTS) and is_early,
        "ask": asks and is_live and not is_early,  # headquarters corrects who is submitted
        "register": edits and Step.REGISTER in steps,
        "withdraw": edits and Step.WITHDRAW in steps,
        "replace": edits and row.status is AccreditationStatus.ACCREDITED,
        "revoke": person.may(Capability.DECIDE_SUBMISSIONS) and Step.REVOKE in steps,
        "submit": presenting.may and Step.SUBMIT in steps,
        "waits": person.may(Capability.SUBMIT_OBSERVERS) and Step.SUBMIT in steps,
    }


def _may_issue(row: Accreditation, certificates: Sequence[RegisterAnswer]) -> bool:
    """Whether this person may issue a certificate to the observer now."""
    return (
        actor().may(Capability.ISSUE_CERTIFICATES)
        and row.status is AccreditationStatus.ACCREDITED
        and not any(each.certificate and each.certificate.status in LIVE for each in certificates)
    )


@blueprint.get("/e/<election>/observers/<int:accreditation_id>")
@requires(Capability.VIEW_DELEGATIONS)
def observer(election: str, accreditation_id: int) -> ResponseReturnValue:
    """One observer: what is missing first, then the person, the document, the history."""
    row = election_for(actor(), election)
    found = accreditation.accreditation_for(actor(), row.id, accreditation_id)
    page = queries.observer_page(row, found, language())
    presenting = accreditation.presenting_by(actor(), row)
    return render_template(
        "headquarters/observer.html",
        election=row,
        row=found,
        person=found.observer,
        document=found.observer.document,
        page=page,
        sender=localized(found.delegation.organization, "name"),
        regions=region_names(row.host_country),
        presenting=presenting,
        actions=_actions(found, presenting) | {"issue": _may_issue(found, page.certificates)},
        **LABELS,
    )
