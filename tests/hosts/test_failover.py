"""The primary dies while people write: its replica takes over with all that was acknowledged."""

import sqlalchemy as sa

from tests.factories.jobs import wait_for
from tests.faults.ground import Ground, prepare, settings_in
from tests.faults.workers import Writer, asked, cookie_of, served, wait_until_ready
from tests.hosts.cluster import SYNCHRONOUS, Copy, Member
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.logistics.models.duty import DutyNote

WRITERS = 3
PUBLIC = "/en/e/kz-2022/"


def url_of(primary, copy):
    """Whichever of the two takes writes."""
    hosts = f"host=127.0.0.1:{primary.port}&host=127.0.0.1:{copy.port}"
    return f"postgresql+psycopg://postgres@/postgres?{hosts}&target_session_attrs=read-write"


def stored(ground):
    with ground.app.app_context():
        found = list(db.session.scalars(sa.select(DutyNote.text).order_by(DutyNote.id)))
        db.session.remove()
    return found


def written(writers):
    return sum(len(each.told) for each in writers)


def test_no_acknowledged_write_is_lost_and_nothing_is_started_anew(tmp_path):
    primary = Member()
    prepare(settings_in(tmp_path, primary.url))
    copy = Copy(primary)
    copy.catch_up()
    primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{SYNCHRONOUS}'")
    primary.ask("SELECT pg_reload_conf()")
    primary.wait_for("SELECT sync_state = 'sync' FROM pg_stat_replication")
    url = url_of(primary, copy)
    ground = Ground(settings_in(tmp_path, url))
    cookie = cookie_of(ground.app, Role.COORDINATOR)
    around = {"TRACKER_DATABASE_URL": url, "TRACKER_REPLICA_URL": copy.url}
    try:
        with served(tmp_path, **around) as (server, port):
            writers = [Writer(port, cookie, f"writer {each}") for each in range(WRITERS)]
            for writer in writers:
                writer.start()
            wait_for(lambda: written(writers) >= 20, 60)
            primary.kill()  # in the middle of what they write
            told_before = written(writers)
            assert asked(port, "GET", "/healthz")[0] == 200
            copy.ask("SELECT pg_promote()")
            wait_until_ready(port)
            wait_for(lambda: written(writers) >= told_before + 20, 60)
            for writer in writers:
                writer.end()
            assert server.poll() is None
            assert asked(port, "GET", PUBLIC)[0] == 200
        told = [text for writer in writers for text in writer.told]
        texts = stored(ground)
        assert len(texts) == len(set(texts))
        assert set(told) <= set(texts), set(told) - set(texts)
        statuses = {status for writer in writers for status in writer.statuses}
        assert statuses <= {302, 503}, statuses
        ground.check([], whole=True)
    finally:
        ground.close()
        copy.stop()
        primary.stop()
