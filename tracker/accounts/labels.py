"""What roles, and ways to open an account, are called."""

from tracker.accounts.models import LinkKind
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
}

METHODS = {
    "password": N_("Password"),
    "change": N_("Password"),
    "second factor": N_("Password and second factor"),
    "webauthn": N_("Passkey"),
}
