"""What was done is said, with the way back beside it where there is one.

The way back is an operation of its own with a route and a capability, sent as any form is; what no
operation takes back (a history, what was published, a letter that left) is asked about before.
"""

from collections.abc import Mapping
from typing import Any

from flask import flash, url_for


def flash_undoable(
    text: str, endpoint: str, fields: Mapping[str, str] | None = None, /, **values: Any
) -> None:
    """Say `text`; "Undo" beside it sends `fields` to `endpoint` (templates/layouts/_flashes.html).

    `fields` lie in the session's cookie until they are shown: no personal data in clear.
    """
    message: Any = {"text": text, "undo": url_for(endpoint, **values), "fields": {**(fields or {})}}
    flash(message, "ok")
