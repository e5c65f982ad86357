"""What categories, states and problems are called on a page."""

from tracker.kernel.i18n import N_
from tracker.retention.models import Category, Problem, PurgeStatus

CATEGORIES = {
    Category.DOCUMENTS: N_("Travel documents and dates of birth"),
    Category.PORTRAITS: N_("Portraits and scans of notes verbales"),
    Category.CONTACTS: N_("Contacts, occupations and languages"),
    Category.LISTS: N_("Lists received, with their rows"),
    Category.CERTIFICATES: N_("Codes, portraits and prints of certificates"),
    Category.CHECKS: N_("Checks at polling stations"),
    Category.MOVEMENTS: N_("Passengers and drivers of arrivals and departures"),
    Category.DEPLOYMENT: N_("Members and contacts of teams in regions"),
    Category.ASSISTANCE: N_("Texts and attachments of assistance requests"),
    Category.MEETINGS: N_("Participants, notes and papers of meetings"),
    Category.DUTY: N_("Duty log, roster and contacts"),
    Category.MESSAGES: N_("Messages sent and daily digests"),
    Category.SIGN_INS: N_("Failed sign-ins"),
    Category.REMARKS: N_("Free remarks and reasons"),
    Category.NAMES: N_("Names of observers and heads of delegations"),
    Category.AUDIT: N_("What the audit record says of all these"),
}

STATUSES = {
    PurgeStatus.WAITING: N_("Waiting"),
    PurgeStatus.RUNNING: N_("Running"),
    PurgeStatus.DONE: N_("Done, totals unchanged"),
    PurgeStatus.STOPPED: N_("Stopped"),
}
TONES = {
    PurgeStatus.WAITING: "mute",
    PurgeStatus.RUNNING: "go",
    PurgeStatus.DONE: "ok",
    PurgeStatus.STOPPED: "bad",
}

PROBLEMS = {
    Problem.UNPROVEN: N_(
        "The stored figures were not what the history gives, so nothing was purged. "
        "Make them anew and ask again."
    ),
    Problem.COUNTED: N_(
        "Something that is counted would have been purged. That batch was undone and nothing "
        "more was purged."
    ),
    Problem.DIFFERENT: N_(
        "The totals after the purge are not those before. Compare them below: "
        "somebody may have recorded something meanwhile."
    ),
}
