"""What the statuses of deployment teams are called."""

from tracker.kernel.i18n import N_
from tracker.logistics.models.deployment import TeamStatus

TEAM_STATUSES = {
    TeamStatus.PLANNED: N_("Planned"),
    TeamStatus.CONFIRMED: N_("Confirmed"),
    TeamStatus.CANCELLED: N_("Cancelled"),
}
TEAM_TONES = {
    TeamStatus.PLANNED: "warn",
    TeamStatus.CONFIRMED: "ok",
    TeamStatus.CANCELLED: "mute",
}
