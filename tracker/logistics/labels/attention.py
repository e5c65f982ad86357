"""Wording of the attention list: singular and plural msgids, and what to do."""

from tracker.kernel.i18n import N_, ngettext
from tracker.logistics.models.attention import Kind
from tracker.logistics.rules.attention import Matter, Span

SPANS = {
    Span.HOUR: N_("For an hour"),
    Span.FOUR_HOURS: N_("For four hours"),
    Span.MORNING: N_("Until tomorrow, 09:00"),
}
DETAILS = {
    Kind.OVERDUE_REQUEST: N_("The time to answer has passed and nothing is settled"),
    Kind.MESSAGE: N_("A delegation wrote to headquarters and has no answer"),
    Kind.LIST: N_("Sent by delegations, neither accepted nor returned"),
    Kind.LATE_REGISTERED: N_("Registered and not submitted to the commission"),
    Kind.WAITING: N_("Submitted and not decided"),
    Kind.EXPIRING: N_("The travel document ends before the day after election day"),
    Kind.PORTRAIT: N_("Without a portrait nobody can be registered"),
    Kind.DRAFT: N_("Entered and not registered"),
    Kind.DUPLICATE: N_("The same name and date of birth on two travel documents"),
    Kind.FOLLOW_UP: N_("Promised at a meeting, and its day has passed"),
    Kind.NO_ANSWER: N_("Ask again whether they will come"),
    Kind.NO_ARRIVAL: N_("Accredited, and neither named nor counted in an arrival"),
    Kind.NO_CERTIFICATE: N_("Accredited, and nothing to show at a polling station"),
}


def headline(matter: Matter) -> str:
    """The line itself, grammatical for its number."""
    count = matter.count
    lines = {
        Kind.OVERDUE_REQUEST: ngettext(
            "%(num)s request is overdue", "%(num)s requests are overdue", count
        ),
        Kind.MESSAGE: ngettext(
            "%(num)s message awaits an answer", "%(num)s messages await an answer", count
        ),
        Kind.LIST: ngettext(
            "%(num)s list awaits acceptance", "%(num)s lists await acceptance", count
        ),
        Kind.LATE_REGISTERED: ngettext(
            "%(num)s candidate is not submitted", "%(num)s candidates are not submitted", count
        ),
        Kind.WAITING: ngettext(
            "%(num)s candidate awaits a decision", "%(num)s candidates await a decision", count
        ),
        Kind.EXPIRING: ngettext(
            "%(num)s travel document expires too early",
            "%(num)s travel documents expire too early",
            count,
        ),
        Kind.PORTRAIT: ngettext(
            "%(num)s portrait is missing", "%(num)s portraits are missing", count
        ),
        Kind.DRAFT: ngettext("%(num)s draft is unfinished", "%(num)s drafts are unfinished", count),
        Kind.DUPLICATE: ngettext(
            "%(num)s possible duplicate", "%(num)s possible duplicates", count
        ),
        Kind.FOLLOW_UP: ngettext(
            "%(num)s task after a meeting is overdue",
            "%(num)s tasks after meetings are overdue",
            count,
        ),
        Kind.NO_ANSWER: ngettext(
            "%(num)s invitation is unanswered", "%(num)s invitations are unanswered", count
        ),
        Kind.NO_ARRIVAL: ngettext(
            "%(num)s observer has no arrival", "%(num)s observers have no arrival", count
        ),
        Kind.NO_CERTIFICATE: ngettext(
            "%(num)s accredited person has no certificate",
            "%(num)s accredited people have no certificate",
            count,
        ),
    }
    return str(lines[matter.kind])
