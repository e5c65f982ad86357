"""What roles are called."""

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
