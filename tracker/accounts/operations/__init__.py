"""What changes accounts, their sessions, links and tokens, and the count of failed attempts."""

from tracker.accounts.operations.attempts import count_attempts, is_any_locked
from tracker.accounts.operations.links import (
    allow_linking,
    cancel_link,
    confirm_recovery,
    invite,
    make_entry,
    start_recovery,
    use_entry,
    use_link,
)
from tracker.accounts.operations.provider import (
    end_provider_sessions,
    enter_by_provider,
    keep_provider_session,
    unlink_provider,
)
from tracker.accounts.operations.sessions import (
    end_other_sessions,
    end_session,
    end_session_by_key,
    note_seen,
    renew_key,
    start_session,
)
from tracker.accounts.operations.telling import choose_notices, send_summaries, tell
from tracker.accounts.operations.tokens import (
    create_personal_token,
    create_service_token,
    note_used,
    revoke_token,
)
from tracker.accounts.operations.users import (
    change_roles,
    create_user,
    end_sessions,
    end_tour,
    reset_password,
    role_rows,
    set_active,
    set_language,
)

__all__ = [
    "allow_linking",
    "cancel_link",
    "change_roles",
    "choose_notices",
    "confirm_recovery",
    "count_attempts",
    "create_personal_token",
    "create_service_token",
    "create_user",
    "end_other_sessions",
    "end_provider_sessions",
    "end_session",
    "end_session_by_key",
    "end_sessions",
    "end_tour",
    "enter_by_provider",
    "invite",
    "is_any_locked",
    "keep_provider_session",
    "make_entry",
    "note_seen",
    "note_used",
    "renew_key",
    "reset_password",
    "revoke_token",
    "role_rows",
    "send_summaries",
    "set_active",
    "set_language",
    "start_recovery",
    "start_session",
    "tell",
    "unlink_provider",
    "use_entry",
    "use_link",
]
