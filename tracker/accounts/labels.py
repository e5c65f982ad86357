"""What roles, ways to open an account, and scopes of tokens are called."""

from tracker.accounts.models import Delivery, LinkKind, Notice, Scope
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Role

ROLES = {
    Role.REGISTRAR: N_("Registrar"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.OFFICIAL: N_("Official"),
    Role.COMMISSION: N_("Election commission"),
    Role.FOCAL_POINT: N_("Focal point of a delegation"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.AUDITOR: N_("Auditor"),
}

RECOVERIES = {
    LinkKind.PASSWORD: N_("The password"),
    LinkKind.EVERYTHING: N_("The telephone or key as well: second factor and passkeys are removed"),
}

LINKS = {
    LinkKind.INVITATION: N_("Invitation"),
    LinkKind.PASSWORD: N_("New password"),
    LinkKind.EVERYTHING: N_("New password, second factor and passkeys removed"),
    LinkKind.IDENTITY: N_("Linking to the identity provider"),
    LinkKind.ENTRY: N_("Link from the command line"),
}

METHODS = {
    "password": N_("Password"),
    "change": N_("Password"),
    "second factor": N_("Password and second factor"),
    "webauthn": N_("Passkey"),
    "oidc": N_("Identity provider"),
    "entry": N_("Link from the command line"),
}

# Also the subjects of letters: no person is named, and nothing that somebody wrote.
NOTICES = {
    Notice.LISTS: N_("Lists of observers that came, were accepted or returned"),
    Notice.MEETING_REQUESTS: N_("Requests for meetings"),
    Notice.SUBMISSIONS: N_("Submissions to decide"),
    Notice.FOLLOWED: N_("Requests that you follow or see to"),
    Notice.DECISIONS: N_("Decisions on observers of your delegation"),
    Notice.ANSWERS: N_("Answers to requests of your delegation"),
    Notice.MEETINGS: N_("Meetings of your delegation"),
    Notice.MESSAGES: N_("Messages between delegations and headquarters"),
}

DELIVERIES = {
    Delivery.AT_ONCE: N_("At once"),
    Delivery.DAILY: N_("Once a day, in one letter"),
    Delivery.NEVER: N_("Not at all"),
}

SCOPES = {
    Scope.READ: N_("Read what its holder sees, without dates of birth and document numbers"),
    Scope.PERSONAL: N_("Read dates of birth, contacts and document numbers, one person at a time"),
    Scope.REGISTER: N_(
        "Deliver lists and mend what they say; enter, correct, register and withdraw observers"
    ),
    Scope.SUBMIT: N_("Submit observers to the CEC"),
    Scope.DECIDE: N_("Decide submissions and revoke accreditations"),
    Scope.MEETINGS: N_(
        "Ask for meetings, schedule and cancel them, give out a calendar of one's own"
    ),
    Scope.ASSISTANCE: N_(
        "Ask headquarters for assistance, write messages, confirm what was handed over"
    ),
}
SCOPE_WORDS = {
    Scope.READ: N_("read"),
    Scope.PERSONAL: N_("personal data"),
    Scope.REGISTER: N_("observers"),
    Scope.SUBMIT: N_("submissions"),
    Scope.DECIDE: N_("decisions"),
    Scope.MEETINGS: N_("meetings"),
    Scope.ASSISTANCE: N_("assistance"),
}
