"""What kinds, directions, means, statuses and steps of logistics are called."""

from tracker.kernel.i18n import N_
from tracker.logistics.models.movements import Direction, Means, MovementStatus, PointKind

POINT_KINDS = {
    PointKind.AIRPORT: N_("Airport"),
    PointKind.STATION: N_("Railway station"),
    PointKind.BORDER_CROSSING: N_("Border crossing"),
}
DIRECTIONS = {
    Direction.ARRIVAL: N_("Arrival"),
    Direction.DEPARTURE: N_("Departure"),
}
ESCORTS = {
    Direction.ARRIVAL: N_("Met by"),
    Direction.DEPARTURE: N_("Seen off by"),
}
ESCORTED = {
    Direction.ARRIVAL: N_("Met by: %(name)s"),
    Direction.DEPARTURE: N_("Seen off by: %(name)s"),
}
MEANS = {
    Means.FLIGHT: N_("Flight"),
    Means.TRAIN: N_("Train"),
    Means.ROAD: N_("By road"),
}
MOVEMENT_STATUSES = {
    MovementStatus.PLANNED: N_("Planned"),
    MovementStatus.CONFIRMED: N_("Confirmed"),
    MovementStatus.DONE: N_("Taken place"),
    MovementStatus.CANCELLED: N_("Not taking place"),
}
MOVEMENT_TONES = {
    MovementStatus.PLANNED: "warn",
    MovementStatus.CONFIRMED: "go",
    MovementStatus.DONE: "ok",
    MovementStatus.CANCELLED: "mute",
}
