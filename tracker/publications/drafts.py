"""What the system writes before a person does: the text of a bulletin in three languages.

Sentences come from `totals.sentences`; nothing here knows how a number is declined.
"""

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import LANGUAGES
from tracker.totals.figures import Figures
from tracker.totals.sentences import figures_sentence


def bulletin_texts(election: Election, figures: Figures) -> dict[str, str]:
    """The draft of a bulletin by language: the moment, and what holds at it."""
    moment = clock.local(figures.as_of or clock.now(), election.time_zone)
    found = {}
    for language in LANGUAGES:
        with force_locale(language):
            said = dated(moment, "d MMMM y, HH:mm")
            offset = moment.isoformat()[-6:]
            opening = _("As of %(moment)s (UTC%(offset)s).", moment=said, offset=offset)
            found[language] = f"{opening} {figures_sentence(language, figures)}"
    return found
