"""The roof: builds the application from an explicit list of parts; only starters import it."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import event

from tracker import ops
from tracker.accounts import routes as accounts_routes
from tracker.accounts import sign_in
from tracker.accreditation import counts
from tracker.accreditation import routes as accreditation_routes
from tracker.api import routes as api
from tracker.audit import capture, disclosures
from tracker.audit import routes as audit_routes
from tracker.audit.queries import last_change, newest_position
from tracker.config import Settings, project_folder
from tracker.credentials import jobs as certificate_jobs
from tracker.credentials import routes as credentials_routes
from tracker.credentials.signing import vault
from tracker.delegations import routes as delegations_routes
from tracker.delegations.queries import delegation_ids_of
from tracker.demonstration.installation import follow_clock
from tracker.directories import routes as directories_routes
from tracker.elections import routes as elections_routes
from tracker.headquarters import routes as headquarters_routes
from tracker.help import routes as help_routes
from tracker.kernel import (
    fragments,
    i18n,
    kept_jobs,
    logs,
    outbox,
    replicas,
    security,
    watch,
    web,
)
from tracker.kernel.actor import NOBODY, Actor
from tracker.kernel.answers import Answers
from tracker.kernel.database import db, refuse_unfinished_move
from tracker.kernel.disclosure import in_clear
from tracker.kernel.encryption import keyring
from tracker.kernel.jobs import Handler, jobs, queue
from tracker.kernel.kept import NEVER_KEPT
from tracker.kernel.mail import mailer
from tracker.kernel.metrics import metrics
from tracker.kernel.permissions import Role
from tracker.kernel.places import place_of
from tracker.kernel.statics import static_url, text_fonts
from tracker.kernel.storage import storage
from tracker.lists import jobs as list_jobs
from tracker.lists import routes as lists_routes
from tracker.logistics import routes as logistics_routes
from tracker.meetings import jobs as meeting_jobs
from tracker.meetings import routes as meetings_routes
from tracker.navigation import layout
from tracker.navigation.palette import pages_like
from tracker.navigation.recorded import PAGES, WORDS
from tracker.notices import jobs as notice_jobs
from tracker.observers import identities
from tracker.officials import routes as officials_routes
from tracker.organizations import routes as organizations_routes
from tracker.organizations.labels import acronym_of, sender_name
from tracker.portal import routes as portal_routes
from tracker.public import routes as public_routes
from tracker.public import site
from tracker.publications import routes as publications_routes
from tracker.retention import jobs as retention_jobs
from tracker.retention import routes as retention_routes
from tracker.webhooks import events as webhook_events
from tracker.webhooks import jobs as webhook_jobs
from tracker.webhooks import routes as webhook_routes
from tracker.webhooks.sending import reach

PARTS: tuple[Blueprint, ...] = (
    ops.blueprint,
    audit_routes.blueprint,
    accounts_routes.blueprint,
    elections_routes.blueprint,
    organizations_routes.blueprint,
    officials_routes.blueprint,
    delegations_routes.blueprint,
    accreditation_routes.blueprint,
    lists_routes.blueprint,
    credentials_routes.blueprint,
    meetings_routes.blueprint,
    logistics_routes.blueprint,
    publications_routes.blueprint,
    webhook_routes.blueprint,
    directories_routes.blueprint,
    retention_routes.blueprint,
    headquarters_routes.blueprint,
    help_routes.blueprint,
    portal_routes.blueprint,
    public_routes.blueprint,
    site.blueprint,
    api.blueprint,
    api.reference,
)


# The work of the job process, by name.
HANDLERS: dict[str, Handler] = {
    **list_jobs.HANDLERS,
    **certificate_jobs.HANDLERS,
    **meeting_jobs.HANDLERS,
    **outbox.HANDLERS,
    **kept_jobs.HANDLERS,
    **retention_jobs.HANDLERS,
    **notice_jobs.HANDLERS,
    **webhook_jobs.HANDLERS,
}


class SignedCookies(SecureCookieSessionInterface):
    """The signed cookie, with a digest that is not being given up (NIST SP 800-131A: SHA-1 is)."""

    digest_method = staticmethod(hashlib.sha256)


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """The WSGI application of one installation; `overrides` are Flask's own settings (tests)."""
    settings = settings or Settings.load()
    app = Flask(
        __name__,
        template_folder=str(project_folder("templates")),
        instance_path=str(settings.instance),
    )
    app.config.update(_flask_settings(settings), **overrides)
    app.session_interface = SignedCookies()
    logs.configure()
    metrics.configure()
    watch.configure(settings.slow_query_ms)
    vault.configure(settings.signing_passphrase)
    storage.configure(place_of(settings.instance, settings.files_url))
    follow_clock(app, settings.instance)
    jobs.configure(app, queue(settings.instance, settings.redis_url, settings.secrets), HANDLERS)
    mailer.configure(settings.mail)
    mailer.site = settings.site
    reach.configure(settings.webhook_networks)
    db.init_app(app)
    capture.install()
    identities.install()
    counts.install()
    webhook_events.install()
    Migrate(app, db, directory=str(project_folder("migrations")), render_as_batch=True)
    fragments.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    web.init_app(app)  # before the protection below reads the form: a page may take large files
    protection = CSRFProtect(app)
    for view in (*public_routes.WITHOUT_SESSION, *accounts_routes.WITHOUT_SESSION):
        protection.exempt(view)
    protection.exempt(api.blueprint)  # no cookie opens anything there
    sign_in.init_app(app)
    app.json = web.Json(app)  # in the place of the one that sign-in brings
    for part in PARTS:
        app.register_blueprint(part)
    api.init_app(app)
    public_routes.init_app(app)
    _prepare_templates(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", refuse_unfinished_move)
    keyring.configure(app, settings.secrets, engine)
    _put_layers_before(app, settings)
    return app


def _prepare_templates(app: Flask) -> None:
    app.context_processor(layout.layout_context)
    app.jinja_env.globals |= {
        "acronym_of": acronym_of,
        "fields_never_kept": NEVER_KEPT,
        "help_here": help_routes.here,
        "in_clear": in_clear,
        "is_narrowed": is_narrowed,
        "pages_like": pages_like,
        "sender_name": sender_name,
        "static_url": static_url,
        "text_fonts": text_fonts,
        "with_query": with_query,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _put_layers_before(app: Flask, settings: Settings) -> None:
    """What a request meets before the application: the counts, the names, what is kept for all."""
    readers = replicas.init_app(
        app,
        settings.replica_urls,
        bound=settings.replica_seconds,
        secrets=settings.secrets,
        **_engine_options(settings) | {"connect_args": {"connect_timeout": 2}},
    )
    prefixes = ("/static/", *site.PREFIXES)
    answers = Answers(
        app.wsgi_app, lambda environ: readers.read(environ, newest_position), prefixes
    )
    addressed = security.Hosts(answers, settings.allowed_hosts)
    known = security.behind_proxies(addressed, settings.proxies)
    app.wsgi_app = watch.Watch(known, trusts_proxy=settings.proxies > 0, app=app)  # type: ignore[method-assign,assignment]


def _flask_settings(settings: Settings) -> dict[str, Any]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secrets[1:]),  # sessions outlive a new secret
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "MAX_CONTENT_LENGTH": settings.max_upload,
        "MAX_FORM_MEMORY_SIZE": 2_000_000,
        "WTF_CSRF_TIME_LIMIT": None,  # a form may stay open all day; the session bounds it
        # The prefix binds the cookie to this very name: no neighbour of the domain can set it.
        "SESSION_COOKIE_NAME": "__Host-tracker_session" if settings.is_https else "tracker_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": settings.session_longest,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,  # addresses carry the content's digest
        "ACTOR_LOADER": load_actor,
        "DOORS": {api.blueprint.name: api.DOOR},
        "ZONE_LOADER": layout.time_zone,
        "DISCLOSURES": disclosures,
        "LAST_CHANGE": last_change,
        "RECORDED_PAGES": PAGES,
        "RECORDED_WORDS": WORDS,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    """A server that was started anew is found again, and one that is gone is not waited for; the
    text of an error, which goes to the log, names no values."""
    options: dict[str, Any] = {"hide_parameters": True}
    if not settings.database_url.startswith("sqlite"):
        options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
    return options


def load_actor(user: Any, request_id: str) -> Actor:
    """The actor that a signed-in user is; a focal point sees its own delegations only."""
    if not user.is_authenticated:
        return Actor(user_id=None, name=NOBODY, request_id=request_id)
    roles = frozenset(Role(role.name) for role in user.roles)
    is_scoped = roles <= {Role.FOCAL_POINT}
    return Actor(
        user_id=user.id,
        name=user.name,
        roles=roles,
        email=user.email,
        delegation_ids=delegation_ids_of(user.id) if is_scoped else None,
        request_id=request_id,
    )


def with_query(**changes: str | None) -> str:
    """This page's address with some query parameters changed; None takes one out."""
    wanted = request.args.to_dict(flat=False) | {
        name: [value] for name, value in changes.items() if value is not None
    }
    for name, value in changes.items():
        if value is None:
            wanted.pop(name, None)
    return f"{request.path}?{urlencode(wanted, doseq=True)}"


def is_narrowed() -> bool:
    """Whether this page's address asks for a part of what it could show."""
    places = {"cursor", "resolutions"}
    return any(text.strip() for name, text in request.args.items() if name not in places)
