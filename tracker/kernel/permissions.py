"""Who may do what: every capability of the system and the roles that hold it, as one table."""

from enum import StrEnum


class Role(StrEnum):
    """The kinds of people who sign in."""

    REGISTRAR = "registrar"
    COORDINATOR = "coordinator"
    OFFICIAL = "official"
    COMMISSION = "commission"
    FOCAL_POINT = "focal_point"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Capability(StrEnum):
    """One thing that a route lets a person do; each route declares exactly one."""

    PUBLIC = "public"  # no sign-in
    SIGNED_IN = "signed_in"  # any active account: its own password, language, second factor
    VIEW_HEADQUARTERS = "view_headquarters"
    VIEW_DELEGATIONS = "view_delegations"  # a focal point: its own only
    VIEW_DIRECTORIES = "view_directories"  # organizations, officials
    EXPORT_LISTS = "export_lists"
    SEE_BIRTH_DATES = "see_birth_dates"
    SEE_DOCUMENT_NUMBERS = "see_document_numbers"
    EDIT_ORGANIZATIONS = "edit_organizations"
    EDIT_OFFICIALS = "edit_officials"
    EDIT_ELECTIONS = "edit_elections"
    EDIT_DELEGATIONS = "edit_delegations"
    VIEW_MESSAGES = "view_messages"  # between delegations and headquarters
    WRITE_MESSAGES = "write_messages"  # a focal point: in the thread of its own delegation
    INVITE_FOCAL_POINTS = "invite_focal_points"  # accounts that see one delegation
    EDIT_OBSERVERS = "edit_observers"
    DELIVER_LISTS = (
        "deliver_lists"  # a focal point: its own delegation's, for a registrar to accept
    )
    SUBMIT_OBSERVERS = "submit_observers"
    OVERRIDE_DEADLINES = "override_deadlines"
    DECIDE_SUBMISSIONS = "decide_submissions"
    REQUEST_MEETINGS = "request_meetings"  # a focal point: for its own delegation only
    SCHEDULE_MEETINGS = "schedule_meetings"
    ASK_ASSISTANCE = "ask_assistance"  # a focal point: for its own delegation only
    HANDLE_REQUESTS = "handle_requests"
    MANAGE_LOGISTICS = "manage_logistics"
    VIEW_DUTY = "view_duty"  # the log and the roster of headquarters
    SEE_DUTY_CONTACTS = "see_duty_contacts"  # everybody's telephone numbers on one sheet
    MANAGE_DIGEST = "manage_digest"  # its hour, and who receives it
    ISSUE_CERTIFICATES = "issue_certificates"  # print and hand over, too
    CONFIRM_RECEIPT = "confirm_receipt"  # of certificates, by a focal point of the delegation
    VIEW_CERTIFICATE_CHECKS = "view_certificate_checks"  # what polling stations checked
    MANAGE_SIGNING_KEYS = "manage_signing_keys"
    EDIT_PUBLICATIONS = "edit_publications"  # bulletins, press notes
    APPROVE_PUBLICATIONS = "approve_publications"  # another person than who wrote; publishes, too
    VIEW_AUDIT = "view_audit"
    VIEW_RETENTION = "view_retention"  # what is due to be purged, and the reports of purges
    GIVE_ACCESS = "give_access"  # everything that is held about one observer, as one file
    ADMINISTER = "administer"


_C = Capability
_READS = frozenset({_C.VIEW_HEADQUARTERS, _C.VIEW_DELEGATIONS, _C.VIEW_DIRECTORIES})
_PERSONAL = frozenset({_C.SEE_BIRTH_DATES, _C.SEE_DOCUMENT_NUMBERS})

ROLE_CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.REGISTRAR: _READS
    | _PERSONAL
    | {
        _C.EXPORT_LISTS,
        _C.EDIT_ORGANIZATIONS,
        _C.EDIT_DELEGATIONS,
        _C.INVITE_FOCAL_POINTS,
        _C.VIEW_MESSAGES,
        _C.WRITE_MESSAGES,
        _C.EDIT_OBSERVERS,
        _C.DELIVER_LISTS,
        _C.SUBMIT_OBSERVERS,
        _C.ISSUE_CERTIFICATES,
        _C.VIEW_CERTIFICATE_CHECKS,
        _C.ASK_ASSISTANCE,
        _C.HANDLE_REQUESTS,
        _C.MANAGE_LOGISTICS,
        _C.VIEW_DUTY,
        _C.SEE_DUTY_CONTACTS,
    },
    Role.COORDINATOR: _READS
    | {
        _C.EXPORT_LISTS,
        _C.EDIT_OFFICIALS,
        _C.VIEW_MESSAGES,
        _C.WRITE_MESSAGES,
        _C.REQUEST_MEETINGS,
        _C.SCHEDULE_MEETINGS,
        _C.ASK_ASSISTANCE,
        _C.HANDLE_REQUESTS,
        _C.MANAGE_LOGISTICS,
        _C.VIEW_DUTY,
        _C.SEE_DUTY_CONTACTS,
        _C.MANAGE_DIGEST,
        _C.EDIT_PUBLICATIONS,
        _C.APPROVE_PUBLICATIONS,
    },
    Role.OFFICIAL: _READS | {_C.VIEW_DUTY},
    Role.COMMISSION: _READS | _PERSONAL | {_C.EXPORT_LISTS, _C.DECIDE_SUBMISSIONS},
    Role.FOCAL_POINT: frozenset(
        {
            _C.VIEW_DELEGATIONS,
            _C.DELIVER_LISTS,
            _C.CONFIRM_RECEIPT,
            _C.VIEW_MESSAGES,
            _C.WRITE_MESSAGES,
            _C.REQUEST_MEETINGS,
            _C.ASK_ASSISTANCE,
        }
    ),
    Role.ADMINISTRATOR: _READS
    | {
        _C.EXPORT_LISTS,
        _C.EDIT_ELECTIONS,
        _C.EDIT_ORGANIZATIONS,
        _C.EDIT_OFFICIALS,
        _C.SUBMIT_OBSERVERS,
        _C.OVERRIDE_DEADLINES,
        _C.ISSUE_CERTIFICATES,
        _C.VIEW_CERTIFICATE_CHECKS,
        _C.MANAGE_SIGNING_KEYS,
        _C.EDIT_PUBLICATIONS,
        _C.APPROVE_PUBLICATIONS,
        _C.MANAGE_DIGEST,
        _C.INVITE_FOCAL_POINTS,
        _C.VIEW_MESSAGES,
        _C.ADMINISTER,
        _C.VIEW_DUTY,
        _C.VIEW_RETENTION,
        _C.GIVE_ACCESS,
    },
    Role.AUDITOR: _READS
    | _PERSONAL
    | {
        _C.EXPORT_LISTS,
        _C.VIEW_AUDIT,
        _C.VIEW_MESSAGES,
        _C.VIEW_CERTIFICATE_CHECKS,
        _C.VIEW_DUTY,
        _C.SEE_DUTY_CONTACTS,
        _C.VIEW_RETENTION,
        _C.GIVE_ACCESS,
    },
}


def capabilities_of(roles: frozenset[Role]) -> frozenset[Capability]:
    """Everything that the holder of `roles` may do."""
    held = frozenset({Capability.PUBLIC, Capability.SIGNED_IN}) if roles else frozenset()
    return held.union(*(ROLE_CAPABILITIES[role] for role in roles))
