"""A delegation's list by hand in a browser: from the file to accredited observers."""

import io
import zipfile

import pytest
import python_calamine
import xlsxwriter
from playwright.sync_api import expect

from tracker.demonstration.portraits import draw_portrait
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser
ROWS = [
    ["Familya", "Ismi", "Jinsi", "Tug'ilgan", "Davlat", "Passport No", "Valid until", "Role"],
    ["KARIMOV", "BOBUR", "M", "12.03.1970", "Uzbekistan", "LA0000001", "01.02.2030", "STO"],
    ["KARIMOVA", "DILNOZA", "F", "25.11.1975", "Uzbekistan", "LA0000002", "01.02.2030", "STO"],
    ["TOSHEV", "FARRUX", "M", "31.02.1980", "Uzbekistan", "LA0000003", "01.02.2030", "LTO"],
]


def sheet(rows):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


@pytest.fixture
def files(tmp_path):
    """The list, and a zip with a portrait of everybody on it."""
    (tmp_path / "list.xlsx").write_bytes(sheet(ROWS))
    with zipfile.ZipFile(tmp_path / "portraits.zip", "w") as archive:
        for row in ROWS[1:]:
            archive.writestr(f"{row[5]}.jpg", draw_portrait(row[5], is_woman=row[2] == "F"))
    return tmp_path


def decided(path):
    """The annex with a decision written beside each candidate, the second one refused."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    rows = book.get_sheet_by_index(0).to_python()
    head = rows[0]
    decision, ground = head.index("Decision"), head.index("Ground of refusal")
    for number, row in enumerate(rows[1:]):
        row[decision] = "Refuse" if number == 1 else "accredited"
        row[ground] = "Incomplete documents" if number == 1 else ""
    return sheet(rows)


def test_from_a_list_to_accredited_observers(sign_in, files):
    registrar = sign_in(Role.REGISTRAR)
    registrar.goto("/e/practice/delegations/new")
    registrar.select_option("#organization", "UZ")
    registrar.select_option("#format", "state")
    registrar.fill("#note_verbale_number", "2022/78")
    registrar.fill("#note_verbale_on", "2022-11-10")
    registrar.click("text=Enter the delegation")

    registrar.goto("/e/practice/lists/new")
    registrar.select_option("#delegation", label="Uzbekistan")
    registrar.set_input_files("#file", files / "list.xlsx")
    registrar.set_input_files("#portraits", files / "portraits.zip")
    registrar.fill("#pledge_signed_on", "2022-11-12")
    registrar.click("text=Check the list")
    # Nobody has told the headers in Uzbek yet: three are chosen by hand, once.
    registrar.select_option("[name=column-0]", "surname")
    registrar.select_option("[name=column-1]", "given_names")
    registrar.select_option("[name=column-3]", "birth_date")
    registrar.click("text=Read the list so")

    problem = registrar.locator(".problem")
    assert problem.count() == 1
    assert "D4" in problem.inner_text()
    assert "There is no such day as “31.02.1980”." in problem.inner_text()
    assert registrar.locator("button:has-text('Accept:')").is_disabled()
    problem.locator("[name=cell-birth_date]").fill("1980-02-28")
    problem.locator("text=Mend").click()
    registrar.click("button:has-text('Accept: enter 3, change 0')")
    registrar.wait_for_selector("text=The list is in the register.", timeout=60_000)
    expect(registrar.locator("main")).to_contain_text(
        "Registered at once, since nothing was missing: 3."
    )

    registrar.click("text=The observers of this delegation")
    for box in registrar.locator("input[name=observer]").all():
        box.check()
    registrar.click("text=Submit the chosen to the CEC")
    registrar.click("button:has-text('Submit the chosen to the CEC')")
    expect(registrar.locator("main")).to_contain_text("3 observers were submitted")
    with registrar.expect_download() as letter:
        registrar.click("text=Letter, PDF")
    assert letter.value.path().read_bytes().startswith(b"%PDF")
    with registrar.expect_download() as annex:
        registrar.click("text=Annex, xlsx")
    (files / "decided.xlsx").write_bytes(decided(annex.value.path()))
    address = registrar.url

    commission = sign_in(Role.COMMISSION)
    commission.goto(address)
    commission.click("text=Decide 3 candidates")
    commission.click("text=Read decisions from the annex")
    commission.set_input_files("#file", files / "decided.xlsx")
    commission.click("text=Read the file")
    chosen = commission.locator("select[name^=decision-]")
    assert [box.input_value() for box in chosen.all()] == ["accredited", "refused", "accredited"]
    commission.fill("#resolution_number", "12/346")
    commission.click("text=Record the decision")
    expect(commission.locator("main")).to_contain_text("Incomplete documents")

    official = sign_in(Role.OFFICIAL)
    official.goto("/e/practice/observers/?figure=observers&status=accredited")
    names = official.inner_text("table")
    assert "KARIMOV BOBUR" in names
    assert "TOSHEV FARRUX" in names
    assert "KARIMOVA" not in names
