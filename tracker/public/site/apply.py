"""How to apply for accreditation: until when, with what, by whom and where."""

from flask.typing import ResponseReturnValue

from tracker.accreditation.rules import MISSING_LABELS, Missing
from tracker.elections.queries import calendar_of
from tracker.elections.rules import document_valid_through, phase_at
from tracker.kernel import clock
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires
from tracker.organizations.states import state_name
from tracker.public.elections import election_of
from tracker.public.site.blueprint import at, blueprint, page

# Said otherwise on the page: who may apply, until when a document holds, what a delegation brings.
SAID_ELSEWHERE = frozenset({Missing.HOST_CITIZEN, Missing.DOCUMENT_EXPIRY, Missing.NOTE_VERBALE})


@blueprint.get(at("e/<election>/apply"))
@requires(Capability.PUBLIC)
def apply(lang: str, election: str) -> ResponseReturnValue:
    """What a delegation has to know before it applies, from the election's own calendar."""
    row = election_of(election)
    return page(
        "site/apply.html",
        election=row,
        opens=clock.local(row.opens_at, row.time_zone),
        closes=clock.local(row.closes_at, row.time_zone),
        phase=phase_at(calendar_of(row), clock.now()),
        valid_through=document_valid_through(row.election_on),
        needed=[label for code, label in MISSING_LABELS.items() if code not in SAID_ELSEWHERE],
        host=state_name(row.host_country, language()),
    )
