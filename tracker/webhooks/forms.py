"""What an administrator types about a receiver."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired

from tracker.kernel.forms import FILL_IN, Boxes, VersionedForm, chosen_number, line
from tracker.webhooks.labels import EVENTS
from tracker.webhooks.models import EventKind, Webhook
from tracker.webhooks.operations import WebhookDetails
from tracker.webhooks.rules import LONGEST_ADDRESS


class WebhookForm(VersionedForm):
    """Register a receiver or change one."""

    name = line(
        _l("Receiver"),
        100,
        _l("Whose system it is, for example: commission, register of observers."),
        required=FILL_IN,
    )
    address = line(
        _l("Address"),
        LONGEST_ADDRESS,
        _l("Begins with https://. Messages are sent there by POST."),
        required=FILL_IN,
    )
    election_id = SelectField(_l("Election"), coerce=chosen_number)
    kinds = Boxes(_l("Events"), [InputRequired(_l("Choose at least one event."))], coerce=EventKind)

    def offer(self, elections: list[tuple[int, str]]) -> None:
        """Fill the lists to choose from."""
        self.election_id.choices = [(0, _("Every election")), *elections]
        self.kinds.choices = [(kind, _(label)) for kind, label in EVENTS.items()]

    def show(self, webhook: Webhook) -> None:
        """Fill the form from a stored receiver."""
        self.name.data, self.address.data = webhook.name, webhook.address
        self.election_id.data = webhook.election_id or 0
        self.kinds.data = [EventKind(kind) for kind in webhook.kinds.split()]
        self.version.data = str(webhook.version)

    def details(self) -> WebhookDetails:
        """What was typed."""
        return WebhookDetails(
            name=self.name.data,
            address=self.address.data,
            kinds=self.kinds.data or (),
            election_id=self.election_id.data or None,
        )
