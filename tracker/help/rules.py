"""Which chapters the guide has, in which order, and whose day each of the first ones tells."""

from tracker.kernel.permissions import Role

# The day of one kind of person, from sign-in to sign-out; None: of people who have no account.
DAYS: dict[str, Role | None] = {
    "registrar": Role.REGISTRAR,
    "coordinator": Role.COORDINATOR,
    "official": Role.OFFICIAL,
    "commission": Role.COMMISSION,
    "focal-point": Role.FOCAL_POINT,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "polling-station": None,
}
SUBJECTS = (
    "headquarters",
    "delegations",
    "observers",
    "lists",
    "submissions",
    "certificates",
    "meetings",
    "officials",
    "requests",
    "arrivals",
    "deployment",
    "duty",
    "bulletins",
    "portal",
    "public",
    "account",
    "administration",
    "audit",
)
CHAPTERS = (*DAYS, *SUBJECTS)


def days_of(roles: frozenset[Role]) -> list[str]:
    """The chapters of days of whoever holds `roles`; without any, of whoever has no account."""
    return [name for name, role in DAYS.items() if (role in roles if roles else role is None)]
