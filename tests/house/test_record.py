"""The audit record speaks in words: every column, and every value of an enumeration."""

import pytest
import sqlalchemy as sa
from flask_babel import get_translations

from tracker.audit.columns import COLUMNS, column_label
from tracker.audit.labels import SAID
from tracker.kernel.database import db
from tracker.kernel.i18n import LANGUAGES, force_locale
from tracker.kernel.mail import Method
from tracker.navigation.recorded import WORDS

UNNAMED = {Method}  # the words of RFC 5546 itself


def recorded():
    """Table, column and what stands in it, as the record may name them; links of many to many."""
    for mapper in db.Model.registry.mappers:
        if mapper.local_table.info.get("audit") == "skip":
            continue
        name = mapper.local_table.name
        for attribute in mapper.column_attrs:
            if attribute.columns[0].info.get("audit") != "skip":
                yield name, attribute.key, attribute.columns[0].type
        for relation in mapper.relationships:
            if relation.secondary is not None and not relation.viewonly:
                yield name, relation.key, None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_the_record_has_a_name(app, language):
    named = {(table, name): column_label(table, name) for table, name, _kind in recorded()}
    nameless = [key for key, label in named.items() if label == key[1]]
    assert nameless == [], "name these columns in tracker/audit/columns.py"
    with app.test_request_context(), force_locale(language):
        words = get_translations()
        assert {*named.values(), *SAID.values()} - set(words._catalog) == set()


def test_no_name_is_kept_for_a_column_that_there_is_not():
    kept = {column.name for table in db.metadata.tables.values() for column in table.columns}
    links = {key for _table, key, kind in recorded() if kind is None}
    assert sorted(COLUMNS.keys() - kept - links) == []


def test_every_value_of_an_enumeration_has_a_name():
    kinds = {kind.enum_class for _table, _name, kind in recorded() if isinstance(kind, sa.Enum)}
    nameless = {kind.__name__ for kind in kinds if set(kind) - set(WORDS.get(kind, ()))}
    assert nameless == {kind.__name__ for kind in UNNAMED}, "see tracker/navigation/recorded.py"
    assert set(WORDS) <= kinds
