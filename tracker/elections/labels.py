"""What kinds of election are called."""

from tracker.elections.models import ElectionKind
from tracker.kernel.i18n import N_

KINDS = {
    ElectionKind.PRESIDENTIAL: N_("Presidential election"),
    ElectionKind.EARLY_PRESIDENTIAL: N_("Early presidential election"),
    ElectionKind.PARLIAMENTARY: N_("Parliamentary election"),
    ElectionKind.EARLY_PARLIAMENTARY: N_("Early parliamentary election"),
    ElectionKind.LOCAL: N_("Local election"),
    ElectionKind.REFERENDUM: N_("Referendum"),
}
