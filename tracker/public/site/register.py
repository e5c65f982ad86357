"""The register of organizations and States that have sent observers."""

from collections import Counter

from flask.typing import ResponseReturnValue

from tracker.accreditation.labels import FUNCTIONS
from tracker.kernel import clock
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import member_asked, requires
from tracker.organizations.labels import KINDS
from tracker.organizations.models import OrganizationKind
from tracker.public.elections import election_of
from tracker.public.site.blueprint import at, blueprint, page
from tracker.totals.queries import figures
from tracker.totals.senders import senders_of


@blueprint.get(at("e/<election>/register"))
@requires(Capability.PUBLIC)
def register(lang: str, election: str) -> ResponseReturnValue:
    """Who has sent how many observers, narrowed by kind; whom, only where that is published."""
    row = election_of(election)
    found = senders_of(row, figures(row), language())
    kind = member_asked(OrganizationKind, "kind")
    return page(
        "site/register.html",
        election=row,
        senders=[each for each in found if kind is None or each.kind is kind],
        numbers=Counter(each.kind for each in found),
        total=len(found),
        kind=kind,
        kinds=KINDS,
        functions=FUNCTIONS,
        moment=clock.local(clock.now(), row.time_zone),
    )
