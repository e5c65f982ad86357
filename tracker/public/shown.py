"""What a certificate shows to whoever checks it: exactly what is printed on it, nothing more."""

from typing import Any

from flask_babel import gettext as _

from tracker.accreditation.labels import FUNCTIONS
from tracker.accreditation.models import Function
from tracker.credentials.credential import FUNCTION_CODES, Credential
from tracker.credentials.models import Certificate
from tracker.credentials.queries import printed_rows
from tracker.elections.models import Election
from tracker.kernel.i18n import language
from tracker.organizations.states import citizenship_name


def function_names() -> dict[int, str]:
    """What functions are called, by their number in the credential."""
    return {FUNCTION_CODES[function]: str(_(FUNCTIONS[function])) for function in Function}


def shown_credential(credential: Credential) -> dict[str, Any]:
    """The claims of a credential, in the words of the reader where there are words."""
    return {
        "serial": credential.serial,
        "surname": credential.surname,
        "given_names": credential.given_names,
        "native_name": credential.native_name,
        "citizenship": citizenship_name(credential.citizenship, language()),
        "organization": credential.organization,
        "function": str(_(FUNCTIONS[credential.function])),
        "election": credential.election,
        "regions": list(credential.regions),
        "portrait": credential.portrait.hex(),
        "valid_from": credential.valid_from.isoformat(),
        "valid_until": credential.valid_until.isoformat(),
    }


def shown_certificate(election: Election, certificate: Certificate) -> dict[str, Any]:
    """The same of a certificate in the register."""
    [row] = printed_rows([certificate.id])
    organization = row.organization
    return {
        "serial": certificate.serial,
        "surname": row.observer.surname,
        "given_names": row.observer.given_names,
        "native_name": row.observer.native_name or "",
        "citizenship": citizenship_name(row.observer.citizenship, language()),
        "organization": organization.acronym or organization.name_en,
        "function": str(_(FUNCTIONS[certificate.function])),
        "election": election.slug,
        "regions": certificate.regions.split(),
        "portrait": certificate.portrait[:32],
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": certificate.valid_until.isoformat(),
    }
