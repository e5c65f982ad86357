"""Which pictures the guide has: of which page, as whom, and what part of it."""

from dataclasses import dataclass

from tracker.kernel.permissions import Role


@dataclass(frozen=True)
class Picture:
    """One picture, made in each language; chapters name it `images/<name>.webp`."""

    name: str
    role: Role | None  # who looks; None: anybody
    path: str  # `{lang}` stands for the language where the address has it
    wait: str = "h1"  # what must be on the page
    show: str = ""  # the element that is shown; without one, the window from its top
    height: int = 720  # pixels at most


_C = Role.COORDINATOR
_F = Role.FOCAL_POINT

PICTURES = (
    Picture("account-1", None, "/sign-in", "#email", ".bare > main"),
    Picture("account-2", Role.REGISTRAR, "/account", "#notices", height=640),
    Picture("audit-1", Role.AUDITOR, "/audit/?record_table=observers", ".tbl", height=560),
    Picture("registrar-1", Role.REGISTRAR, "/e/kz-2022/", ".alerts", "section.cell:has(.alerts)"),
    Picture(
        "registrar-2", Role.REGISTRAR, "/e/kz-2022/lists/1?status=problem", ".problem", ".problem"
    ),
    Picture("registrar-3", Role.REGISTRAR, "/e/kz-2022/certificates/?delegation=29", ".tbl"),
    Picture("coordinator-1", _C, "/e/kz-2022/meetings/schedule?day=2022-11-18&span=day"),
    Picture("coordinator-2", _C, "/e/kz-2022/requests/board"),
    Picture("coordinator-3", _C, "/e/kz-2022/duty/", ".dutylog"),
    Picture("official-1", Role.OFFICIAL, "/e/kz-2022/summary"),
    Picture("official-2", Role.OFFICIAL, "/e/kz-2022/totals/", ".sentence"),
    Picture("commission-1", Role.COMMISSION, "/e/kz-2022/submissions/", ".tbl"),
    Picture("commission-2", Role.COMMISSION, "/e/kz-2022/submissions/6/decide", "form"),
    Picture("focal-point-1", _F, "/e/kz-2022/portal/29"),
    Picture("focal-point-2", _F, "/e/kz-2022/lists/new", "form"),
    Picture("focal-point-3", _F, "/e/kz-2022/requests/5"),
    Picture("administrator-1", Role.ADMINISTRATOR, "/system", ".checkup"),
    Picture("administrator-2", Role.ADMINISTRATOR, "/elections/kz-2022/edit", "form"),
    Picture("auditor-1", Role.AUDITOR, "/e/kz-2022/observers/1", ".history"),
    Picture("auditor-2", Role.AUDITOR, "/retention/"),
    Picture("polling-station-1", None, "/verify/kz-2022/?language={lang}", "#number", "main"),
    Picture("polling-station-2", None, "/{lang}/e/kz-2022/", ".quotable"),
)
