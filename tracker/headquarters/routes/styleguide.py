"""Every component on one page, for whoever changes the look."""

from datetime import date

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.headquarters.forms import SampleForm
from tracker.headquarters.routes.blueprint import blueprint
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires


@blueprint.get("/styleguide")
@requires(Capability.ADMINISTER)
def styleguide() -> ResponseReturnValue:
    """The components as pages use them, in the reader's own theme."""
    form = SampleForm()
    form.wrong.errors = ["error"]
    return render_template("headquarters/styleguide.html", form=form, today=date(2022, 11, 20))
