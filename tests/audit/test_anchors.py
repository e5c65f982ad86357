"""Any one tampering with the record or with its anchors is found, and said of its place."""

import itertools
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import records
from tracker.audit.anchors import Anchor, Lines
from tracker.audit.capture import append
from tracker.audit.chain import START, chained, digest_of
from tracker.audit.jobs import anchor_record, anchor_today
from tracker.audit.models import AuditEntry
from tracker.audit.operations import erase_contents
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.kernel.outbox import OutboxMessage

TABLE = AuditEntry.__table__
COLUMNS = [column.name for column in TABLE.columns if column.name not in {"id", "position"}]


@pytest.fixture
def file(app, tmp_path):
    """The installation's own file of anchors, within a context that may write."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        yield tmp_path / "audit-anchors.txt"
        db.session.rollback()


def change(number):
    return {
        "action": ("insert", "update", "delete")[number % 3],
        "record_table": "observers",
        "record_id": str(number),
        "before": {"surname": "KAYA"} if number % 3 else None,
        "after": {"surname": f"KAYA {number}"} if number % 3 < 2 else None,
    }


def make(file, days):
    """A record of so many changes a day, anchored each night; some contents are erased."""
    numbers = itertools.count(1)
    for day, count in enumerate(days):
        with clock.at(NOW + timedelta(days=day)):
            append(db.session(), [change(next(numbers)) for _number in range(count)])
            erase_contents(actor=SYSTEM, records=[("observers", str(3 * day + 1))])
            db.session.commit()
            anchor_record(file=file)


def wheres(file):
    db.session.expire_all()
    return [place.where for place in verify(Lines.of(file))[1]]


def numbers_of(places):
    return {int(where.split()[1]) for where in places}


def entries():
    rows = db.session.execute(sa.select(TABLE).order_by(TABLE.c.position)).mappings()
    return [dict(row) for row in rows]


def put(rows):
    db.session.execute(sa.delete(TABLE))
    if rows:
        db.session.execute(sa.insert(TABLE), rows)
    db.session.commit()


def another(value, name):
    """A value of the same column that is not the same."""
    match name:
        case "recorded_at" | "erased_at":
            return (value or NOW) + timedelta(microseconds=1)
        case "before" | "after":
            return {"forged": True} if value is None else None
        case "actor_id":
            return (value or 0) + 1
        case "content_salt" | "content_digest" | "previous_digest" | "digest":
            return "f" + (value or "")[1:] if (value or "")[:1] != "f" else "0" + value[1:]
    return (value or "") + "x"


# Tamperings with entries: each takes the rows, draws what it needs, and says where it was done.


def changed_column(rows, draw):
    row = rows[draw(st.integers(0, len(rows) - 1))]
    name = draw(st.sampled_from(COLUMNS))
    row[name] = another(row[name], name)
    return rows, {row["position"]}


def removed(rows, draw):
    place = draw(st.integers(0, len(rows) - 2))
    return rows[:place] + rows[place + 1 :], {rows[place]["position"]}


def removed_and_closed(rows, draw):
    """The gap is closed: all that follow are renumbered, and nothing else."""
    place = draw(st.integers(0, len(rows) - 2))
    later = [row | {"position": row["position"] - 1} for row in rows[place + 1 :]]
    return rows[:place] + later, {rows[place]["position"]}


def cut_off(rows, draw):
    keep = draw(st.integers(0, len(rows) - 1))
    return rows[:keep], {keep + 1}


def swapped(rows, draw):
    one, two = sorted(draw(st.sets(st.integers(0, len(rows) - 1), min_size=2, max_size=2)))
    first, second = rows[one], rows[two]
    first["position"], second["position"] = second["position"], first["position"]
    return rows, {one + 1, two + 1}


def inserted(rows, draw):
    """One more in the middle, with digests of its own; those that follow are renumbered."""
    place = draw(st.integers(0, len(rows) - 1))
    digest = rows[place - 1]["digest"] if place else START
    about = {"recorded_at": NOW, "actor_id": None, "actor_name": "x", "request_id": None}
    (new,) = chained([change(1)], position=place, digest=digest, common=about)
    later = [row | {"position": row["position"] + 1} for row in rows[place:]]
    blank = dict.fromkeys(rows[0]) | new | {"id": rows[-1]["id"] + 1}
    return [*rows[:place], blank, *later], {place + 1, place + 2}


def made_anew(rows, draw):
    """From some entry on, all with digests that hold together."""
    place = draw(st.integers(0, len(rows) - 1))
    digest = rows[place - 1]["digest"] if place else START
    kept = ("action", "record_table", "record_id", "before", "after")
    later = []
    for row in rows[place:]:
        plain = {name: row[name] for name in kept}
        about = {"recorded_at": row["recorded_at"], "actor_id": 7, "actor_name": "nobody"}
        about["request_id"] = row["request_id"]
        (new,) = chained([plain], position=row["position"] - 1, digest=digest, common=about)
        if row["erased_at"]:
            new = {name: row[name] for name in row if name not in new} | new
            new |= {"content_salt": None, "content_digest": row["content_digest"]}
            new["digest"] = digest_of(new)
        digest = new["digest"]
        later.append(row | new)
    return rows[:place] + later, {place + 1}


OF_ENTRIES = [
    *(changed_column, removed, removed_and_closed, cut_off, swapped, inserted, made_anew),
]


# Tamperings with the file.


def line_changed(lines, draw):
    place = draw(st.integers(0, len(lines) - 1))
    parts = lines[place].split()
    which = draw(st.integers(0, 3))
    parts[which] = {
        0: str(int(parts[0]) + 1),
        2: parts[2].replace("2022", "2023"),
    }.get(which, another(parts[which], "digest"))
    lines[place] = " ".join(parts)
    return lines, place + 1


def line_removed(lines, draw):
    place = draw(st.integers(0, len(lines) - 1))
    return lines[:place] + lines[place + 1 :], place + 1


def lines_cut_off(lines, draw):
    keep = draw(st.integers(0, len(lines) - 1))
    return lines[:keep], keep + 1


def lines_swapped(lines, draw):
    if len(lines) < 2:
        return lines_cut_off(lines, draw)
    one, two = sorted(draw(st.sets(st.integers(0, len(lines) - 1), min_size=2, max_size=2)))
    lines[one], lines[two] = lines[two], lines[one]
    return lines, one + 1


def line_added(lines, draw):
    place = draw(st.integers(0, len(lines)))
    previous = lines[place - 1].split()[3] if place else START
    new = Anchor.following(previous, position=1, digest="0" * 64, at=NOW)
    return [*lines[:place], str(new), *lines[place:]], place + 1


def lines_made_anew(lines, draw):
    """One line vouches for something else, and all from it on follow from one another."""
    place = draw(st.integers(0, len(lines) - 1))
    made, previous = lines[:place], lines[place - 1].split()[3] if place else START
    for number, line in enumerate(lines[place:]):
        position, digest, _at, _own = line.split()
        at = NOW if number == 0 else Anchor.read(line).at
        anchor = Anchor.following(previous, position=int(position), digest=digest, at=at)
        previous = anchor.own_digest
        made.append(str(anchor))
    return made, place + 1


OF_LINES = [
    *(line_changed, line_removed, lines_cut_off, lines_swapped, line_added, lines_made_anew),
]
DAYS = st.lists(st.integers(1, 5), min_size=1, max_size=4)
MANY = settings(
    max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@contextmanager
def empty(file):
    """An example of its own, whatever the one before it left."""
    db.session.rollback()
    db.session.execute(sa.delete(TABLE))
    db.session.commit()
    file.unlink(missing_ok=True)
    yield


@given(days=DAYS, tampering=st.sampled_from(OF_ENTRIES), data=st.data())
@MANY
def test_any_tampering_with_the_record_is_found_where_it_is(file, days, tampering, data):
    with empty(file):
        make(file, days)
        assert wheres(file) == []
        rows, expected = tampering(entries(), data.draw)
        put(rows)
        found = wheres(file)
        assert found
        places = numbers_of(where for where in found if where.startswith("entry"))
        if tampering is made_anew:
            # Said from the first entry on that no anchor before vouches for.
            ends = [0, *(int(line.split()[0]) for line in file.read_text().splitlines())]
            (first,) = expected
            expected = {max(end for end in ends if end < first) + 1}
        assert places & expected, (found, expected)


@given(days=DAYS, tampering=st.sampled_from(OF_LINES), data=st.data())
@MANY
def test_any_tampering_with_the_anchors_is_found_where_it_is(file, days, tampering, data):
    with empty(file):
        make(file, days)
        before = file.read_text()
        lines, expected = tampering(before.splitlines(), data.draw)
        file.write_text("".join(f"{line}\n" for line in lines))
        if file.read_text() == before:  # it was made anew as it was
            return
        found = wheres(file)
        places = numbers_of(where for where in found if where.startswith("line"))
        assert expected in places, (found, expected)


def test_a_copy_kept_elsewhere_tells_what_the_database_and_its_own_file_no_longer_do(file):
    make(file, [3, 3, 3])
    copy = file.read_text()
    rows, _expected = made_anew(entries(), lambda _strategy: 4)
    put(rows)
    lines, previous = [], START
    for row in rows:
        if row["action"] == "anchor":
            at = row["recorded_at"]
            line = Anchor.following(previous, position=row["position"], digest=row["digest"], at=at)
            previous = line.own_digest
            lines.append(f"{line}\n")
    file.write_text("".join(lines))
    kept = file.with_name("kept.txt")
    kept.write_text(copy)
    found = verify(Lines.of(kept, is_copy=True))[1]
    assert [place.where for place in found] == ["entry 1"]
    assert "cannot be trusted: an anchor of 2022-11-10 06:00 UTC vouches" in found[0].reason
    kept.write_text(copy.splitlines()[0])  # shorter than the installation's own, which is no fault
    assert [place.where for place in verify(Lines.of(kept, is_copy=True))[1]] == ["entry 1"]


def test_once_a_day_and_mailed(file):
    records.election()
    db.session.commit()
    asked = {"file": file, "recipient": "archive@example.org"}
    assert anchor_today(**asked)
    assert not anchor_today(**asked)
    with clock.at(NOW + timedelta(days=1)):
        assert anchor_today(**asked)
    first, second = file.read_text().splitlines()
    letters = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [letter.recipient for letter in letters] == ["archive@example.org"] * 2
    assert first in letters[0].text
    assert second in letters[1].text
    assert wheres(file) == []
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_died_between_the_entry_and_the_line_is_named_and_mended(file):
    make(file, [2, 2])
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{second[:70]}")
    assert wheres(file) == ["line 2 of the anchors"]
    anchor_record(file=file)
    lines = file.read_text().splitlines()
    assert (lines[0], len(lines)) == (first, 2)
    assert wheres(file) == []


def test_lost_lines_are_not_written_over(file):
    make(file, [1, 1, 1])
    kept = file.read_text()
    file.unlink()
    with pytest.raises(Refused, match="has 0 lines, and 3 were announced"):
        anchor_record(file=file)
    assert wheres(file) == ["line 1 of the anchors"]
    anchor_record(file=file, is_anew=True)
    assert wheres(file) == []
    with pytest.raises(Refused, match="not empty"):
        anchor_record(file=file, is_anew=True)
    file.with_name("kept.txt").write_text(kept)
    assert verify(Lines.of(file.with_name("kept.txt"), is_copy=True))[1] == []


def test_a_record_brought_back_from_an_old_backup_says_what_it_lacks(file):
    make(file, [2, 2])
    put([row for row in entries() if row["position"] <= 4])
    (place,) = verify(Lines.of(file))[1]
    assert place.where == "entry 5"
    assert "is missing, and all up to 8: an anchor of" in place.reason
