"""The first page: the totals as of now, how they came about, who sent observers, what was said."""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires
from tracker.organizations.states import state_name
from tracker.public.elections import current_election, election_of
from tracker.public.site.blueprint import at, blueprint, page
from tracker.publications import queries as publications
from tracker.publications.content import NoteContent
from tracker.totals.charts import drawn
from tracker.totals.queries import curve, figures
from tracker.totals.sentences import figures_sentence
from tracker.totals.worldmap import map_of

LATEST = 4  # bulletins and press notes on the first page
LISTED = 10  # States beside the map


@blueprint.get(at(""))
@requires(Capability.PUBLIC)
def start(lang: str) -> ResponseReturnValue:
    """The first page of the current election."""
    election = current_election(elections())
    if election is None:
        return page("site/start.html", election=None)
    return _home(election, at_home=election.slug)


@blueprint.get(at("e/<election>/"))
@requires(Capability.PUBLIC)
def home(lang: str, election: str) -> ResponseReturnValue:
    """The first page of an election."""
    return _home(election_of(election))


def _home(election: Election, at_home: str | None = None) -> Response:
    now = clock.now()
    found = figures(election)
    points = curve(election)
    states = [(code, state_name(code, language()), n) for code, n in found.by_state.items()]
    return page(
        "site/home.html",
        election=election,
        at_home=at_home,
        moment=clock.local(now, election.time_zone),
        found=found,
        sentence=figures_sentence(language(), found),
        points=points,
        curve=drawn(election, points, now),
        map=map_of(found.by_state, host=election.host_country),
        states=states,
        listed=LISTED,
        bulletin=publications.quotable_bulletin(election.id),
        bulletins=db.session.scalars(
            publications.published_bulletins(election.id).limit(LATEST)
        ).all(),
        notes=latest_notes(election, LATEST),
        local=lambda moment: clock.local(moment, election.time_zone),
    )


def latest_notes(election: Election, most: int | None = None) -> list[dict[str, Any]]:
    """Press notes as the public reads them, the latest day first."""
    query = publications.published_notes(election.id)
    rows = db.session.execute(query.limit(most) if most else query)
    return [
        {
            "number": note.number,
            "published_at": version.published_at,
            "version": version.number,
            "content": NoteContent.from_json(version.content),
        }
        for note, version in rows
    ]
