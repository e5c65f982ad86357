"""What everybody may read without a token: published totals, the register, the revocation list."""

import json
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.api.blueprint import blueprint, serves
from tracker.api.shapes import decisions as shapes
from tracker.api.shapes.common import Names, PageQuery, listed, names
from tracker.elections.queries import election_for
from tracker.kernel.listing import Page
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.publications.models import Bulletin
from tracker.publications.queries import bulletins_page
from tracker.totals.queries import figures
from tracker.totals.senders import senders_of

ABOUT = "Public"


def _bulletin(row: Bulletin) -> shapes.Bulletin:
    text = Names(en=row.text_en, ru=row.text_ru, kk=row.text_kk)
    plain = ("number", "as_of", "known_at", "published_at")
    return shapes.Bulletin(
        text=text,
        figures=shapes.Figures(**json.loads(row.figures)),
        **{name: getattr(row, name) for name in plain},
    )


@blueprint.get("/public/elections/<election>/bulletins")
@serves(Capability.PUBLIC, shapes.BulletinList, about=ABOUT)
def public_bulletins(election: str, query: PageQuery) -> Any:
    """The totals that were published, the newest bulletin first."""
    row = election_for(actor(), election)
    page = bulletins_page(row.id, query.cursor)
    return listed(shapes.BulletinList, page, (_bulletin(each) for _key, each in page.rows))


@blueprint.get("/public/elections/<election>/register")
@serves(Capability.PUBLIC, shapes.Register, about=ABOUT)
def public_register(election: str) -> Any:
    """Who has accredited observers, and how many."""
    row = election_for(actor(), election)
    senders = senders_of(row, figures(row), "en")
    items = (
        shapes.SenderRow(
            organization_id=each.organization.id,
            kind=each.kind,
            acronym=each.organization.acronym,
            acronym_ru=each.organization.acronym_ru,
            acronym_kk=each.organization.acronym_kk,
            country=each.organization.country,
            name=names(each.organization),
            observers=each.observers,
        )
        for each in senders
    )
    return listed(shapes.Register, Page(senders), items)


@blueprint.get("/public/elections/<election>/revocations")
@requires(Capability.PUBLIC, takes_json=True)
def public_revocations(election: str) -> ResponseReturnValue:
    """The signed revocation list (docs/credential.md), where verifiers load it."""
    row = election_for(actor(), election)
    return redirect(url_for("public.revocations", election=row.slug), 307)
