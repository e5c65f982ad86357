"""What kinds of election are called."""

from tracker.elections.models import AnnexColumn, ElectionKind
from tracker.kernel.i18n import N_

KINDS = {
    ElectionKind.PRESIDENTIAL: N_("Presidential election"),
    ElectionKind.EARLY_PRESIDENTIAL: N_("Early presidential election"),
    ElectionKind.PARLIAMENTARY: N_("Parliamentary election"),
    ElectionKind.EARLY_PARLIAMENTARY: N_("Early parliamentary election"),
    ElectionKind.LOCAL: N_("Local election"),
    ElectionKind.REFERENDUM: N_("Referendum"),
}

ANNEX_COLUMNS = {
    AnnexColumn.SURNAME: N_("Surname"),
    AnnexColumn.GIVEN_NAMES: N_("Given names"),
    AnnexColumn.NATIVE_NAME: N_("Name in own script"),
    AnnexColumn.SEX: N_("Sex"),
    AnnexColumn.BIRTH_DATE: N_("Date of birth"),
    AnnexColumn.CITIZENSHIP: N_("Citizenship"),
    AnnexColumn.DOCUMENT: N_("Travel document"),
    AnnexColumn.DOCUMENT_EXPIRY: N_("Valid until"),
    AnnexColumn.FUNCTION: N_("Function"),
    AnnexColumn.SENDER: N_("Sent by"),
    AnnexColumn.OCCUPATION: N_("Occupation"),
}
