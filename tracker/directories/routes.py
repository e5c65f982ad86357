"""Pages that take a file into a directory: read, looked at row by row, accepted whole."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.directories import intake, labels
from tracker.directories.forms import AcceptForm, FileForm
from tracker.directories.intake import Directory
from tracker.directories.operations import Outcome, Status, accept_rows, mark_of, rehearse
from tracker.kernel.disclosure import disclose
from tracker.kernel.i18n import ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.vcards import LARGEST_FILE
from tracker.kernel.web import actor, requires
from tracker.logistics import sheets

blueprint = Blueprint("directories", __name__)

PERSONAL = frozenset({"assistant_contact", "assistant_email"})
LISTS = {
    Directory.OFFICIALS: "officials.index",
    Directory.INSTITUTIONS: "officials.institutions",
    Directory.ORGANIZATIONS: "organizations.index",
}


def _rows(*, form: FileForm, directory: Directory) -> list[sheets.Row]:
    return intake.rows_of(form.file.data.read(), directory)


def _look(directory: Directory) -> ResponseReturnValue:
    """Read a file and show what its rows would do; nothing is entered yet."""
    form, found = FileForm(), None
    if form.validate_on_submit():
        rows = form.attempt(_rows, form=form, directory=directory)
        if rows is not None:
            found = rehearse(actor=actor(), directory=directory, rows=rows)
    return _page(directory, form, found, AcceptForm(formdata=None))


def _accept(directory: Directory) -> ResponseReturnValue:
    """Enter every row that is new or changed, as it was shown."""
    accept, form = AcceptForm(), FileForm(formdata=None)
    rows = intake.unpacked(accept.rows.data or "")
    around: dict[str, Any] = {"actor": actor(), "directory": directory, "rows": rows}
    if accept.validate():
        done = accept.attempt(accept_rows, **around, seen=accept.seen.data)
        if done is not None:
            count = Counter(each.status for each in done)
            new = ngettext("%(num)s new record", "%(num)s new records", count[Status.NEW])
            changed = ngettext("%(num)s change", "%(num)s changes", count[Status.CHANGED])
            flash(_("Entered: %(new)s, %(changed)s.", new=new, changed=changed), "ok")
            return redirect(url_for(LISTS[directory]))
    return _page(directory, form, rehearse(**around), accept)


def _page(
    directory: Directory, form: FileForm, found: Sequence[Outcome] | None, accept: AcceptForm
) -> ResponseReturnValue:
    for each in found or ():
        disclose(each.record, *sorted(PERSONAL & {change.field for change in each.changes}))
    count = Counter(each.status for each in found or ())
    page = render_template(
        "directories/take_in.html",
        form=form,
        accept=accept,
        found=found,
        kept=count[Status.NEW] + count[Status.CHANGED],
        problems=count[Status.PROBLEM],
        packed=sheets.packed(each.row for each in found or ()),
        mark=mark_of(found or ()),
        why=lambda each: say(each.message, each.params),
        labels=labels,
        title=labels.DIRECTORIES[directory],
        list_url=url_for(LISTS[directory]),
        look_url=url_for(f"directories.{directory.value}"),
        accept_url=url_for(f"directories.accept_{directory.value}"),
    )
    return page, (422 if form.errors or accept.errors else 200)


@blueprint.route("/officials/import", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True, largest_upload=LARGEST_FILE)
def officials() -> ResponseReturnValue:
    """Look at a file of officials."""
    return _look(Directory.OFFICIALS)


@blueprint.post("/officials/import/accept")
@requires(Capability.EDIT_OFFICIALS, writes=True)
def accept_officials() -> ResponseReturnValue:
    """Take officials in."""
    return _accept(Directory.OFFICIALS)


@blueprint.route("/officials/institutions/import", methods=["GET", "POST"])
@requires(Capability.EDIT_OFFICIALS, writes=True, largest_upload=LARGEST_FILE)
def institutions() -> ResponseReturnValue:
    """Look at a file of institutions."""
    return _look(Directory.INSTITUTIONS)


@blueprint.post("/officials/institutions/import/accept")
@requires(Capability.EDIT_OFFICIALS, writes=True)
def accept_institutions() -> ResponseReturnValue:
    """Take institutions in."""
    return _accept(Directory.INSTITUTIONS)


@blueprint.route("/organizations/import", methods=["GET", "POST"])
@requires(Capability.EDIT_ORGANIZATIONS, writes=True, largest_upload=LARGEST_FILE)
def organizations() -> ResponseReturnValue:
    """Look at a file of organizations."""
    return _look(Directory.ORGANIZATIONS)


@blueprint.post("/organizations/import/accept")
@requires(Capability.EDIT_ORGANIZATIONS, writes=True)
def accept_organizations() -> ResponseReturnValue:
    """Take organizations in."""
    return _accept(Directory.ORGANIZATIONS)
