"""What changes accounts, their sessions, their links, and the count of failed attempts."""

from tracker.accounts.operations.attempts import count_attempts, is_any_locked
from tracker.accounts.operations.links import (
    cancel_link,
    confirm_recovery,
    invite,
    start_recovery,
    use_link,
)
from tracker.accounts.operations.sessions import (
    end_other_sessions,
    end_session,
    end_session_by_key,
    note_seen,
    renew_key,
    start_session,
)
from tracker.accounts.operations.users import (
    change_roles,
    create_user,
    end_sessions,
    reset_password,
    role_rows,
    set_active,
    set_language,
)

__all__ = [
    "cancel_link",
    "change_roles",
    "confirm_recovery",
    "count_attempts",
    "create_user",
    "end_other_sessions",
    "end_session",
    "end_session_by_key",
    "end_sessions",
    "invite",
    "is_any_locked",
    "note_seen",
    "renew_key",
    "reset_password",
    "role_rows",
    "set_active",
    "set_language",
    "start_recovery",
    "start_session",
    "use_link",
]
