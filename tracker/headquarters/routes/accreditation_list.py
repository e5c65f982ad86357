"""The list for the commission's system, as JSON and as CSV."""

from flask.typing import ResponseReturnValue

from tracker.elections.queries import election_for
from tracker.headquarters import accreditation_list as lists
from tracker.headquarters.routes.blueprint import blueprint
from tracker.kernel import tables
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires


@blueprint.get("/e/<election>/accreditation-list.<any(json, csv):form>")
@requires(Capability.EXPORT_LISTS, fresh=True)
def accreditation_list(election: str, form: str) -> ResponseReturnValue:
    """Everybody who was presented to the commission, and what became of it."""
    row, fields = election_for(actor(), election), lists.fields_for(actor())
    name, rows = f"{row.slug}-accreditation-list", lists.entries(row, fields)
    if form == "csv":
        return tables.export(lists.columns_of(fields), rows, name=name, format="csv")
    return tables.sent(
        lambda file, origin: lists.write_json(file, row, rows, origin),
        name=name,
        format="json",
        kind="application/json",
    )
