"""Likely duplicates among an election's people, side by side, for a person to decide."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation import likenesses
from tracker.accreditation.labels import STATUSES, TONES
from tracker.accreditation.routes.blueprint import blueprint
from tracker.elections.queries import election_for
from tracker.kernel import tables
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, requires
from tracker.observers.labels import VERDICTS
from tracker.observers.matching import REASONS
from tracker.observers.models import DuplicateVerdict
from tracker.observers.operations import decide_duplicate
from tracker.organizations.states import citizenship_name

COLUMNS = (
    tables.Column("score", _l("Likeness"), lambda pair: pair.match.score, "num"),
    tables.Column("one", _l("Name"), lambda pair: pair.one.name),
    tables.Column("one_sender", _l("Delegation"), lambda pair: pair.one.sender),
    tables.Column("other", _l("Name"), lambda pair: pair.other.name),
    tables.Column("other_sender", _l("Delegation"), lambda pair: pair.other.sender),
    tables.Column(
        "reasons",
        _l("Why"),
        lambda pair: "; ".join(str(_(REASONS[reason.code])) for reason in pair.match.reasons),
    ),
)


@blueprint.get("/e/<election>/duplicates/")
@requires(Capability.EDIT_OBSERVERS)
def duplicates(election: str) -> ResponseReturnValue:
    """Pairs of live people who may be one, the likeliest first; decided pairs are left out."""
    row = election_for(actor(), election)
    pairs = likenesses.likely_duplicates(row.id, language())
    if format_ := format_asked():
        return tables.export(COLUMNS, pairs, name=f"{row.slug}-duplicates", format=format_)
    return render_template(
        "accreditation/duplicates.html",
        election=row,
        pairs=pairs,
        is_large=likenesses.is_large(row.id),
        statuses=STATUSES,
        tones=TONES,
        reasons=REASONS,
        verdicts=VERDICTS,
        citizenship=lambda code: citizenship_name(code, language()),
    )


@blueprint.post("/e/<election>/duplicates/")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def decide_pair(election: str) -> ResponseReturnValue:
    """Keep what a person decided of two others."""
    row = election_for(actor(), election)
    verdict = request.form.get("verdict", "")
    ids = [request.form.get(name, type=int) or 0 for name in ("one", "other")]
    if verdict not in set(DuplicateVerdict):
        abort(400)
    decide_duplicate(actor=actor(), one=ids[0], other=ids[1], verdict=DuplicateVerdict(verdict))
    if verdict == DuplicateVerdict.DIFFERENT:
        flash(_("Kept: two persons. Nobody is asked again."), "ok")
    else:
        flash(_("Kept: one person. Withdraw one of the two accreditations."), "ok")
    return redirect(url_for("accreditation.duplicates", election=row.slug))
