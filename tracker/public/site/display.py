"""How pages are shown, chosen without a script."""

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.queries import elections
from tracker.kernel.display import display_settings
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import own_path, remember, requires
from tracker.public.elections import current_election
from tracker.public.site.blueprint import at, blueprint, page

YEAR = 31_536_000  # seconds
CHOICES = (
    (
        "theme",
        N_("Colours"),
        (
            ("", N_("As the device")),
            ("light", N_("Light")),
            ("dark", N_("Dark")),
            ("contrast", N_("Black on white")),
            ("contrast-dark", N_("Yellow on black")),
        ),
    ),
    ("text", N_("Text size"), (("", "100 %"), ("l", "115 %"), ("xl", "132 %"))),
    (
        "space",
        N_("Letter spacing"),
        (("", N_("Standard")), ("m", N_("Wide")), ("l", N_("Widest"))),
    ),
)


@blueprint.get(at("display"))
@requires(Capability.PUBLIC)
def display(lang: str) -> ResponseReturnValue:
    """Choose colours, text size and letter spacing; remembered by this browser alone."""
    back = own_path(request.args.get("next", ""))
    if "theme" in request.args:
        return _remember(back or f"/{lang}/")
    election = current_election(elections())
    choices = [
        (name, _(label), [(value, _(text)) for value, text in options])
        for name, label, options in CHOICES
    ]
    return page("site/display.html", election=election, choices=choices, back=back)


def _remember(back: str) -> ResponseReturnValue:
    """Set the cookies that `static/app.js` sets, and go back."""
    response = make_response(redirect(back, 303))
    for name, value in display_settings(request.args).items():
        if name in {setting for setting, _label, _choices in CHOICES}:
            age = YEAR if value else 0
            remember(response, name, value or "", age=age, scripts=True)
    response.headers["Cache-Control"] = "no-store"
    return response
