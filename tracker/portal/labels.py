"""Tasks in words: what to do, grammatical for its number."""

from flask_babel import gettext as _

from tracker.kernel.i18n import ngettext
from tracker.portal.rules import Task

TONES = {
    Task.RETURNED_LIST: "bad",
    Task.CLOSING: "bad",
    Task.LIST_TO_MEND: "warn",
    Task.LIST_TO_SEND: "warn",
    Task.MESSAGE: "warn",
    Task.INCOMPLETE: "warn",
    Task.RECEIPT: "go",
    Task.NO_LIST: "go",
    Task.SECOND_FACTOR: "go",
}


def headline(task: Task, count: int) -> str:
    """The line of a task."""
    lines = {
        Task.RETURNED_LIST: ngettext(
            "%(num)s list came back from headquarters to be mended",
            "%(num)s lists came back from headquarters to be mended",
            count,
        ),
        Task.CLOSING: _("Accreditation closes soon, and not everybody is in the register"),
        Task.LIST_TO_MEND: ngettext(
            "%(num)s list has rows to mend", "%(num)s lists have rows to mend", count
        ),
        Task.LIST_TO_SEND: ngettext(
            "%(num)s list is ready to be sent", "%(num)s lists are ready to be sent", count
        ),
        Task.MESSAGE: _("A message of headquarters waits for an answer"),
        Task.INCOMPLETE: ngettext(
            "Something is missing of %(num)s person",
            "Something is missing of %(num)s people",
            count,
        ),
        Task.RECEIPT: ngettext(
            "%(num)s certificate was handed over: confirm that you hold it",
            "%(num)s certificates were handed over: confirm that you hold them",
            count,
        ),
        Task.NO_LIST: _("Bring the list of your observers"),
        Task.SECOND_FACTOR: _("Protect your account with a passkey or a second factor"),
    }
    return str(lines[task])
