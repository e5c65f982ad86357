"""The steps of the first-run tours: what each role's pages answer and what to do there first."""

from dataclasses import dataclass

from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Role


@dataclass(frozen=True)
class Step:
    """One page of a tour; `leads_to` is where its address may redirect, `marks` the part of the
    page that the text speaks of, as a CSS selector."""

    endpoint: str
    title: str
    text: str
    marks: str = "main .head"
    leads_to: tuple[str, ...] = ()


HEADQUARTERS = Step(
    "headquarters.dashboard",
    N_("Headquarters"),
    N_(
        "How many are accredited, what waits for somebody, and what comes today. "
        "Begin each day with what needs a person now: each line opens what it speaks of."
    ),
    "#live .alerts",
)
DELEGATIONS = Step(
    "headquarters.delegations",
    N_("Delegations"),
    N_(
        "Who was invited, who has answered, and how many observers each mission has. "
        "Open a delegation to see its people, its papers and what it asked for."
    ),
    "main .filters",
)
OBSERVERS = Step(
    "headquarters.observers",
    N_("Observers"),
    N_(
        "Every person and where their accreditation stands. "
        "Filter by what is missing to find those who cannot be submitted yet."
    ),
    "main .filters",
)
LISTS = Step(
    "lists.index",
    N_("Lists"),
    N_(
        "Spreadsheets of delegations become observers here: every row is checked before anything "
        "is entered, and a list can be undone as a whole. Begin with those that wait for you."
    ),
    "main .tblwrap, main .empty",
)
SUBMISSIONS = Step(
    "accreditation.submissions",
    N_("Submissions"),
    N_(
        "What was presented to the Central Election Commission and what it resolved. "
        "A new submission takes the registered observers of a delegation."
    ),
)
CERTIFICATES = Step(
    "credentials.certificates",
    N_("Certificates"),
    N_(
        "Which accredited people have a certificate, printed and handed over. "
        "Issue those that lack one, print them in a batch, then hand the batch over."
    ),
)
DUPLICATES = Step(
    "accreditation.duplicates",
    N_("Likely duplicates"),
    N_(
        "Two entries that may be one person, across alphabets. "
        "Decide each pair before its people are submitted."
    ),
)
MEETING_REQUESTS = Step(
    "meetings.requests",
    N_("Requests for meetings"),
    N_(
        "Which meetings delegations asked for and which have no time yet. "
        "Open a request to see free times with reasons, or let all be planned at once."
    ),
)
TIMETABLE = Step(
    "meetings.schedule",
    N_("Timetable"),
    N_(
        "Who meets whom, when and where, without double booking. "
        "Drag a request to a time, or open it and choose one of the times proposed."
    ),
    "main .schedulecols, main .schedulebar",
)
BOARD = Step(
    "logistics.request_board",
    N_("Board of requests"),
    N_(
        "What delegations need, by how far it is. "
        "Take a request that nobody sees to; the delegation reads what you answer."
    ),
    "main .board",
)
ARRIVALS = Step(
    "logistics.arrivals",
    N_("Arrivals"),
    N_(
        "Who arrives and departs at which hour, and what changed. "
        "Look first at what is marked as changed, and whether anybody meets them."
    ),
)
DEPLOYMENT = Step(
    "logistics.deployment",
    N_("Deployment"),
    N_(
        "Which observers go to which region, and where nobody goes. "
        "Open a region, or those without a place, and put them into a team."
    ),
)
DUTY = Step(
    "logistics.duty_log",
    N_("On duty"),
    N_(
        "What happened on this shift and who is on duty now. "
        "Write a note as soon as something happens; hand over at the end of the shift."
    ),
    "main .quicknote, main .onduty",
)
SUMMARY = Step(
    "headquarters.summary",
    N_("Summary"),
    N_(
        "Three figures, the sentence to quote, and what changed since you last looked. "
        "Tap a figure to see the list that it counts."
    ),
    "main .figs3",
)
TOTALS = Step(
    "headquarters.totals",
    N_("Totals"),
    N_(
        "Every figure as of any moment, each with its list. "
        "Choose a moment to see what was true then, or recount it all from the history."
    ),
    "main .filters",
)
MEETINGS = Step(
    "meetings.index",
    N_("Meetings"),
    N_(
        "Which delegation meets which official, when and where. "
        "Open a meeting to see its topics and, once it was held, its record."
    ),
)
BULLETINS = Step(
    "publications.bulletins",
    N_("Bulletins"),
    N_(
        "The totals that were published, each with its number and moment. "
        "Quote the newest; it never changes once it is published."
    ),
)
DECIDE = Step(
    "accreditation.submissions",
    N_("Submissions"),
    N_(
        "What the Ministry presents to you and what you have resolved. "
        "Open a submission that waits, give the resolution its number, and decide row by row or "
        "all at once."
    ),
    "main .tblwrap, main .empty",
)
READ_OBSERVERS = Step(
    "headquarters.observers",
    N_("Observers"),
    N_(
        "Every person and where their accreditation stands. "
        "Filter by status or delegation; a name is found in any alphabet."
    ),
    "main .filters",
)
READ_CERTIFICATES = Step(
    "credentials.certificates",
    N_("Certificates"),
    N_(
        "Which accredited people hold a certificate and which was revoked. "
        "Search by a number or a name."
    ),
    "main .filters",
)
OWN_DELEGATION = Step(
    "portal.index",
    N_("My delegation"),
    N_(
        "Everything about your delegation and its people in one place. "
        "Begin with what waits for you: each line opens what is to be done."
    ),
    "main .alerts",
    ("portal.delegation",),
)
OWN_LISTS = Step(
    "lists.index",
    N_("Lists"),
    N_(
        "Bring your observers here as a spreadsheet in any layout. "
        "Mend what is marked, then send the list; headquarters accepts it or says what is missing."
    ),
)
OWN_MEETINGS = Step(
    "meetings.requests",
    N_("Requests for meetings"),
    N_(
        "Which meetings you asked for and what became of them. "
        "Ask for a meeting by saying with whom, about what, and when you can."
    ),
)
OWN_ASSISTANCE = Step(
    "logistics.requests",
    N_("Assistance requests"),
    N_(
        "What you asked headquarters for: visas, transport, interpreters, lost certificates. "
        "Enter a request, and read the answers here."
    ),
)
OWN_CERTIFICATES = Step(
    "credentials.certificates",
    N_("Certificates"),
    N_(
        "Which of your people have a certificate ready. "
        "Once headquarters has handed certificates over, confirm on the page of your delegation "
        "that you hold them."
    ),
    "main .filters",
)
MESSAGES = Step(
    "delegations.threads",
    N_("Messages"),
    N_(
        "What you and headquarters write to each other, in one place. "
        "Ask anything here that is no request for a meeting or for assistance."
    ),
)
ELECTIONS = Step(
    "elections.index",
    N_("Elections"),
    N_(
        "The elections that observers come to, with their deadlines. "
        "Everything begins with one: check its days, hours and time zone first."
    ),
)
USERS = Step(
    "accounts.users",
    N_("Users"),
    N_(
        "Who may sign in and what each role may do. "
        "Enter a person, then send the invitation by which they choose their password."
    ),
)
SYSTEM = Step(
    "ops.system",
    N_("System"),
    N_(
        "Whether the database, backups, jobs and mail are well. "
        "Look at what wants attention: each line says what to do."
    ),
    "main .checkup",
)
OUTBOX = Step(
    "ops.outbox",
    N_("Outgoing mail"),
    N_(
        "What was written to people and whether it left. "
        "Filter by status to find what stopped, and try it again."
    ),
    "main .filters",
)
RETENTION = Step(
    "retention.index",
    N_("Retention"),
    N_(
        "How long personal data is kept, and what is due to be purged. "
        "Check the periods against your law; open an election to see what a purge would remove."
    ),
    "main .stack>.tblwrap",
)
ACCOUNT = Step(
    "accounts.account",
    N_("My account"),
    N_(
        "What opens your account and where it is open. "
        "Add a passkey, and end sessions that you do not know."
    ),
)
AUDIT = Step(
    "audit.index",
    N_("Audit record"),
    N_(
        "Who did what to which record, and who read personal data. "
        "Filter by person, record or day; verify that nothing in the record was altered."
    ),
    "main .filters",
)
TOURS: dict[Role, tuple[Step, ...]] = {
    Role.REGISTRAR: (
        *(HEADQUARTERS, DELEGATIONS, LISTS, OBSERVERS),
        *(DUPLICATES, SUBMISSIONS, CERTIFICATES),
    ),
    Role.COORDINATOR: (
        *(HEADQUARTERS, MEETING_REQUESTS, TIMETABLE, BOARD),
        *(ARRIVALS, DEPLOYMENT, DUTY),
    ),
    Role.OFFICIAL: (SUMMARY, HEADQUARTERS, MEETINGS, BULLETINS),
    Role.COMMISSION: (HEADQUARTERS, DECIDE, READ_OBSERVERS, READ_CERTIFICATES, TOTALS),
    Role.FOCAL_POINT: (
        *(OWN_DELEGATION, OWN_LISTS, OWN_MEETINGS),
        *(OWN_ASSISTANCE, MESSAGES, OWN_CERTIFICATES),
    ),
    Role.ADMINISTRATOR: (HEADQUARTERS, ELECTIONS, USERS, SYSTEM, OUTBOX, RETENTION, ACCOUNT),
    Role.AUDITOR: (HEADQUARTERS, AUDIT, READ_OBSERVERS, TOTALS, RETENTION),
}
