"""Search everything that the person may see: a page, and what the command palette shows."""

from typing import Any

from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from tracker.elections.queries import elections
from tracker.headquarters.routes.blueprint import blueprint
from tracker.headquarters.search import find
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.kernel.words import parts

LONGEST_TEXT = 100
A_KIND, SOME, FEW = 100, 8, 4  # records shown of one kind alone, on the page, in the palette


def _found(limit: int, only: str = "") -> dict[str, Any]:
    text = request.args.get("q", "").strip()[:LONGEST_TEXT]
    known = elections()
    row = next((row for row in known if row.slug == session.get("election")), None)
    row = row or (known[0] if known else None)
    found = find(actor(), row, known, text, limit=limit, only=only) if row and text else None
    return {"text": text, "found": found, "in_election": row, "parts": parts}


@blueprint.get("/search")
@requires(Capability.VIEW_DELEGATIONS)
def search() -> ResponseReturnValue:
    """Whatever matches, by kind; or all that matches of one kind."""
    only = request.args.get("kind", "")
    return render_template(
        "headquarters/search.html", only=only, **_found(A_KIND if only else SOME, only)
    )


@blueprint.get("/search/palette")
@requires(Capability.VIEW_DELEGATIONS)
def palette() -> ResponseReturnValue:
    """Pages, actions and records, as a part of whatever page the palette is opened on."""
    return render_template("headquarters/palette.html", **_found(FEW))
