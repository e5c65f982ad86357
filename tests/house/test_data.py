"""The data dictionary says of every column what it means, and is what the models say today."""

from tests.house.dictionary import PARTS, TARGET, columns, dictionary, kinds


def test_every_column_says_what_it_means():
    silent = [f"{table.name}.{column.name}" for table, column, said in columns() if not said]
    assert silent == [], "write a comment at these columns, in their models"


def test_every_table_says_what_it_is_and_belongs_to_a_part():
    assert [model.__name__ for model in kinds().values() if not model.__doc__] == []
    parts = {model.__module__.split(".")[1] for model in kinds().values()}
    assert parts == set(PARTS), "name the parts that have tables in tests/house/dictionary.py"


def test_the_dictionary_is_current():
    assert TARGET.read_text(encoding="utf-8") == dictionary(), "run `make data`"
