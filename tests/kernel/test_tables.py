"""Files of lists: whole, in constant memory, and over as many sheets as it takes."""

import io
import tracemalloc

import pytest
from python_calamine import CalamineWorkbook

from tracker.kernel import clock, tables
from tracker.kernel.disclosure import Origin

COLUMNS = (
    tables.Column("number", "No.", lambda row: row, "num"),
    tables.Column("text", "Text", lambda row: f"row {row}"),
)


@pytest.fixture
def origin(app):
    with app.test_request_context():
        yield Origin(name="list", who="Ann", at=clock.now(), mark="7K2M-QX9D")


def test_a_workbook_goes_on_to_another_sheet(origin, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_OF_A_SHEET", 3)
    for count, expected in ((0, [1]), (3, [4]), (4, [4, 2]), (7, [4, 4, 2])):
        file = io.BytesIO()
        tables.write_workbook(file, COLUMNS, iter(range(count)), "List", origin)
        file.seek(0)
        book = CalamineWorkbook.from_filelike(file)
        *lists, about = book.sheet_names
        rows = [book.get_sheet_by_name(name).to_python() for name in lists]
        assert [len(each) for each in rows] == expected
        assert all(each[0][:2] == ["No.", "Text"] for each in rows)
        assert [row[0] for each in rows for row in each[1:]] == list(range(count))
        assert about == "Origin"
        assert origin.rows == count


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_memory_does_not_grow_with_rows(origin, tmp_path, kind):
    peaks = []
    for count in (2_000, 40_000):
        with (tmp_path / f"{count}").open("w+b") as file:
            tracemalloc.start()
            if kind == "csv":
                tables.write_csv(file, COLUMNS, iter(range(count)), origin)
            else:
                tables.write_workbook(file, COLUMNS, iter(range(count)), "List", origin)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000  # bytes; the rows alone would take millions


def test_what_few_values_give_is_asked_once_for_each(origin):
    asked = []
    said = tables.Column(
        "said", "Said", lambda row: asked.append(row) or f"{row % 2}", of=lambda row: row % 2
    )
    file = io.BytesIO()
    tables.write_csv(file, [said], range(6), origin)
    assert asked == [0, 1]
    lines = file.getvalue().decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["0", "1"] * 3


def test_a_file_is_closed_with_its_answer(app):
    with app.test_request_context("/?format=csv"):
        response = tables.export(COLUMNS, range(100_000), name="list", format="csv")
        assert response.content_length > tables.IN_MEMORY
        assert sum(map(len, response.iter_encoded())) == response.content_length
        file = response.response.file
        response.close()
        assert file.closed
