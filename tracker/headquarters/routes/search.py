"""Search everything that the person may see."""

from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from tracker.elections.queries import elections
from tracker.headquarters import queries
from tracker.headquarters.routes.blueprint import blueprint
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires


@blueprint.get("/search")
@requires(Capability.VIEW_DELEGATIONS)
def search() -> ResponseReturnValue:
    """Observers, delegations and officials by name in any alphabet."""
    text = request.args.get("q", "")[:100]
    known = elections()
    row = next((row for row in known if row.slug == session.get("election")), None)
    row = row or (known[0] if known else None)
    found = queries.search(actor(), row, text, language()) if row else {}
    return render_template("headquarters/search.html", text=text, found=found, in_election=row)
