"""Pages on which headquarters arranges what delegations need."""

from tracker.logistics.routes import (
    answers,
    assistance,
    assistance_steps,
    deployment,
    duty_contacts,
    duty_log,
    duty_roster,
    hand_overs,
    intake,
    movements,
    points,
    team_intake,
    teams,
)
from tracker.logistics.routes.blueprint import blueprint

__all__ = [
    "answers",
    "assistance",
    "assistance_steps",
    "blueprint",
    "deployment",
    "duty_contacts",
    "duty_log",
    "duty_roster",
    "hand_overs",
    "intake",
    "movements",
    "points",
    "team_intake",
    "teams",
]
