"""Badges of invented holders, marked as specimens, to see what a design looks like."""

from datetime import timedelta

from tracker.accreditation.models import Function
from tracker.audit.queries import last_position
from tracker.credentials import cose
from tracker.credentials.design import GROUPS, design_of
from tracker.credentials.models import Certificate, PaperKind
from tracker.credentials.papers import document
from tracker.credentials.queries import Printed
from tracker.credentials.rules import kind_for
from tracker.elections.models import Election
from tracker.kernel.fragments import fragment
from tracker.kernel.printing import render_pictures
from tracker.observers.models import Observer
from tracker.organizations.models import Organization, OrganizationKind

# Not a credential: no verifier takes it for one.
CODE = cose.CREDENTIAL_PREFIX + "SPECIMEN " * 35


def _printed(election: Election, function: Function, serial: int) -> Printed:
    certificate = Certificate(
        serial=serial,
        code="SPEC",
        kind=kind_for(function),
        function=function,
        regions="",
        valid_from=election.ends_at - timedelta(days=30),
        valid_until=election.ends_at,
        credential=CODE,
        portrait="0" * 64,
    )
    names = dict.fromkeys(("name_en", "name_ru", "name_kk"), "International Organization")
    return Printed(
        certificate,
        Observer(surname="SPECIMEN", given_names="ANNA MARIA", citizenship="XXA"),
        Organization(kind=OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION, acronym="ORG", **names),
    )


def specimen_pictures(election: Election) -> list[bytes]:
    """A front for each group of functions, in order, then one back, as PNG; drawn once a design."""
    key = ("specimens", election.id, last_position())
    return fragment(key, lambda: _drawn(election))


def _drawn(election: Election) -> list[bytes]:
    rows = [
        _printed(election, functions[0], serial)
        for serial, functions in enumerate(GROUPS.values(), start=1)
    ]
    data, files = document(
        election, rows, PaperKind.BADGES, design_of(election.id), is_specimen=True
    )
    pictures = render_pictures("badges", data, language="en", title="", files=files)
    return [*pictures[::2], pictures[1]]
