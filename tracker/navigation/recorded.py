"""What the audit record needs of all parts: what the values of enumerations are called, and which
records of an election have a page."""

from tracker.accounts import labels as accounts
from tracker.accounts.models import Delivery, LinkKind, Notice
from tracker.accreditation import labels as accreditation
from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.audit.changes import Words
from tracker.credentials import labels as credentials
from tracker.credentials.models import (
    BatchStatus,
    BatchTask,
    CertificateKind,
    CertificateStatus,
    KeyPurpose,
    PaperKind,
)
from tracker.delegations import labels as delegations
from tracker.delegations.models import DelegationFormat, DelegationStatus
from tracker.elections import labels as elections
from tracker.elections.models import ElectionKind
from tracker.kernel.keys import Purpose
from tracker.kernel.outbox import MessageStatus
from tracker.kernel.permissions import Role
from tracker.lists import labels as lists
from tracker.lists.models import ListStatus
from tracker.logistics.labels import assistance, attention, deployment, duty, movements
from tracker.logistics.models.assistance import AssistanceKind, AssistanceStatus, Priority
from tracker.logistics.models.attention import Kind
from tracker.logistics.models.deployment import TeamStatus
from tracker.logistics.models.duty import DutyFunction, NoteKind, NoteStepKind
from tracker.logistics.models.movements import Direction, Means, MovementStatus, PointKind
from tracker.meetings import labels as meetings
from tracker.meetings.models import (
    CalendarKind,
    MeetingKind,
    MeetingStatus,
    PlanStatus,
    RequestStatus,
    Whom,
)
from tracker.observers import labels as observers
from tracker.observers.models import DocumentType, DuplicateVerdict, Sex
from tracker.officials import labels as officials
from tracker.officials.models import BlockSource
from tracker.ops import findings, outbox
from tracker.organizations import labels as organizations
from tracker.organizations.models import OrganizationKind
from tracker.publications import labels as publications
from tracker.publications.models import PublicationStatus
from tracker.retention import labels as retention
from tracker.retention.models import Category, Problem, PurgeStatus
from tracker.webhooks import labels as webhooks
from tracker.webhooks.models import OffReason

# By table: the endpoint, and by which name it takes the record's number.
PAGES = {
    "accreditations": ("headquarters.observer", "accreditation_id"),
    "assistance_requests": ("logistics.assistance_request", "assistance_id"),
    "bulletins": ("publications.bulletin", "bulletin_id"),
    "certificates": ("credentials.certificate", "certificate_id"),
    "delegations": ("headquarters.delegation", "delegation_id"),
    "meeting_requests": ("meetings.meeting_request", "request_id"),
    "meetings": ("meetings.meeting", "meeting_id"),
    "movements": ("logistics.movement", "movement_id"),
    "submissions": ("accreditation.submission", "submission_id"),
}

WORDS: Words = {
    AccreditationStatus: accreditation.STATUSES,
    AssistanceKind: assistance.KINDS,
    AssistanceStatus: assistance.STATUSES,
    BatchStatus: credentials.BATCH_STATUSES,
    BatchTask: credentials.TASKS,
    BlockSource: officials.SOURCES,
    CalendarKind: meetings.CALENDAR_KINDS,
    Category: retention.CATEGORIES,
    CertificateKind: credentials.KINDS,
    CertificateStatus: credentials.STATUSES,
    DelegationFormat: delegations.FORMATS,
    DelegationStatus: delegations.STATUSES,
    Delivery: accounts.DELIVERIES,
    Direction: movements.DIRECTIONS,
    DocumentType: observers.DOCUMENTS,
    DuplicateVerdict: observers.VERDICTS,
    DutyFunction: duty.FUNCTIONS,
    ElectionKind: elections.KINDS,
    Function: accreditation.FUNCTIONS,
    Ground: accreditation.GROUNDS,
    KeyPurpose: credentials.PURPOSES,
    Kind: attention.DETAILS,
    LinkKind: accounts.LINKS,
    ListStatus: lists.LIST_STATUSES,
    Means: movements.MEANS,
    MeetingKind: meetings.KINDS,
    MeetingStatus: meetings.STATUSES,
    MessageStatus: outbox.STATUSES,
    MovementStatus: movements.MOVEMENT_STATUSES,
    NoteKind: duty.NOTE_KINDS,
    NoteStepKind: duty.NOTE_STEPS,
    Notice: accounts.NOTICES,
    OffReason: webhooks.OFF,
    OrganizationKind: organizations.KINDS,
    PaperKind: credentials.PAPERS,
    PlanStatus: meetings.PLAN_STATUSES,
    PointKind: movements.POINT_KINDS,
    Priority: assistance.PRIORITY_WORDS,
    Problem: retention.PROBLEMS,
    PublicationStatus: publications.STATUSES,
    PurgeStatus: retention.STATUSES,
    Purpose: findings.KEYS,
    RequestStatus: meetings.REQUEST_STATUSES,
    Role: accounts.ROLES,
    Sex: observers.SEXES,
    TeamStatus: deployment.TEAM_STATUSES,
    Whom: meetings.WHOM,
}
