"""The public site: every page in every language, nothing of drafts, the same bytes for all."""

import csv
import hashlib
import io
import json
import re
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from tests.conftest import NOW
from tests.factories import records
from tests.factories.publications import (
    LANGUAGES,
    NASTY,
    WORDS,
    WRITER,
    drafted_note,
    photograph,
    publish_bulletin,
    publish_note,
)
from tracker.accreditation.models import AccreditationStatus, Ground
from tracker.accreditation.operations import revoke_accreditation
from tracker.accreditation.operations.steps import Reason
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.organizations.models import Organization
from tracker.publications import operations

E = "e/kz-2022/"
PAGES = (
    *("", E, f"{E}register", f"{E}bulletins/", f"{E}bulletins/1", f"{E}press-notes/"),
    *(f"{E}press-notes/1", f"{E}press-notes/1/versions/1", f"{E}apply", f"{E}data", "display"),
)
FILES = (
    *(f"/en/{E}bulletins/1.json", f"/en/{E}bulletins/1.csv", f"/en/{E}bulletins/1.pdf"),
    *(f"/kk/{E}press-notes/1.pdf", "/ru/feed.xml", "/sitemap.xml", "/robots.txt"),
    *("/data/kz-2022/observers-by-day.csv", "/data/kz-2022/SHA256SUMS"),
)


@pytest.fixture
def election(app):
    """Six accredited observers, a bulletin that is corrected and a draft, a note of two versions
    and a draft; at `NOW`."""
    with app.app_context(), clock.at(NOW), unit_of_work(SYSTEM):
        election = records.election()
        for code, name, count in (("TR", "Türkiye", 3), ("AT", "Austria", 2)):
            delegation = records.delegation(election, records.state(code, name))
            for _ in range(count):
                records.accreditation(delegation, status=AccreditationStatus.ACCREDITED)
        assembly = records.organization(name="Zeta <Assembly>", acronym="ZA")
        records.accreditation(
            records.delegation(election, assembly), status=AccreditationStatus.ACCREDITED
        )
        first = publish_bulletin(election)
        publish_bulletin(election, corrects_id=first.id)
        operations.draft_bulletin(actor=WRITER, election=election)
        note = drafted_note(election)
        operations.put_note_photo(actor=WRITER, note=note, upload=photograph())
        publish_note(election, note, title=NASTY)
        publish_note(election, note, correction=WORDS)
        drafted_note(election, "A draft")
    with clock.at(NOW):
        yield


def text_of(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_in_every_language(client, election, lang):
    for path in PAGES:
        page = text_of(client, f"/{lang}/{path}")
        assert f'<html lang="{lang}"' in page, path
        assert page.count("<h1>") == 1, path
        assert "<script" not in page, path
        assert re.search('<meta name="description" content="[^"]+">', page), path
        assert '<meta property="og:title" content="' in page, path
        for code in LANGUAGES:
            own = {"": E}.get(path, path)
            assert f'hreflang="{code}" href="http://localhost/{code}/{own}"' in page, path
        assert 'hreflang="x-default" href="http://localhost/en/' in page, path
        assert '<link rel="canonical" href="http://localhost/' in page, path


@pytest.mark.parametrize(
    "path",
    [
        *("/de/", "/EN/", f"/de/{E}register", "/en/e/none/", "/en/e/none/bulletins/1"),
        *(f"/en/{E}bulletins/0", f"/en/{E}bulletins/3", f"/en/{E}bulletins/99999999999999999999"),
        *(f"/en/{E}bulletins/-1", f"/en/{E}bulletins/x", f"/en/{E}bulletins/3.json"),
        *(f"/en/{E}bulletins/3.csv", f"/en/{E}bulletins/3.pdf", f"/en/{E}press-notes/2"),
        *(f"/en/{E}press-notes/1/versions/3", f"/en/{E}press-notes/1/versions/0"),
        *(f"/en/{E}press-notes/1/{'0' * 64}.jpg", f"/en/{E}press-notes/1/..%2f.jpg"),
        *("/data/none/SHA256SUMS", "/data/kz-2022/none.csv", f"/en/{E}press-notes/2.pdf"),
    ],
)
def test_what_does_not_exist_is_plainly_not_found(client, election, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "Traceback" not in response.get_data(as_text=True)
    assert client.get(path).status_code == 404  # nothing of it is kept


def test_addresses_are_those_that_the_proxy_in_front_answers(client, election):
    secure = client.get(f"/en/{E}", headers={"X-Forwarded-Proto": "https"}).get_data(as_text=True)
    assert f'rel="canonical" href="https://localhost/en/{E}"' in secure
    assert f'rel="canonical" href="http://localhost/en/{E}"' in text_of(client, f"/en/{E}")
    nonsense = client.get(f"/en/{E}", headers={"X-Forwarded-Proto": "javascript"})
    assert "javascript:" not in nonsense.get_data(as_text=True)


def test_the_administrator_decides_whether_observers_are_named(app, client, election, sign_in):
    administrator = sign_in(Role.ADMINISTRATOR)
    page = text_of(administrator, "/elections/kz-2022/edit")
    fields = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page))
    fields |= {"kind": "early_presidential", "host_country": "KZ", "time_zone": "Asia/Almaty"}
    fields |= {"publishes_observers": "y", "first_round_id": "0"}
    response = administrator.post("/elections/kz-2022/edit", data=fields)
    assert response.status_code == 302
    assert "Observers are named" in text_of(client, f"/en/{E}register")


def test_drafts_are_nowhere(client, election):
    for path in (*(f"/en/{path}" for path in PAGES), "/en/feed.xml", "/sitemap.xml"):
        page = text_of(client, path)
        assert "A draft" not in page
        assert "bulletins/3" not in page
        assert "press-notes/2" not in page


def test_no_cookie_is_set_and_every_answer_is_for_all(client, election):
    for path in (*(f"/en/{path}" for path in PAGES), *FILES):
        response = client.get(path)
        assert response.status_code == 200, path
        assert "Set-Cookie" not in response.headers, path
        assert response.headers["Cache-Control"] == "public, max-age=60", path
        assert "unsafe" not in response.headers["Content-Security-Policy"], path
        assert "nonce" not in response.headers["Content-Security-Policy"], path
    assert "Set-Cookie" not in client.get(f"/en/{E}bulletins/99").headers


def test_who_holds_the_page_is_told_that_nothing_changed(client, election):
    for path in (f"/ru/{E}", *FILES):
        first = client.get(path)
        etag = first.headers["ETag"]
        assert not etag.startswith("W/")
        again = client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
        assert client.get(path, headers={"If-None-Match": '"other"'}).data == first.data
        assert client.head(path).headers["Content-Length"] == str(len(first.data))
        assert client.head(path).data == b""


def test_pages_are_compressed_for_who_takes_that(client, election):
    plain = client.get(f"/en/{E}")
    small = client.get(f"/en/{E}", headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 2
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in small.headers["Vary"]


def test_a_change_shows_on_the_next_request(app, client, election):
    assert "6 observers have been accredited" in text_of(client, f"/en/{E}")
    with app.app_context(), unit_of_work(SYSTEM):
        row = db.session.scalars(
            db.select(records.Accreditation).order_by(records.Accreditation.id)
        ).first()
        revoke_accreditation(actor=SYSTEM, row=row, reason=Reason(Ground.INTERFERENCE))
    assert "5 observers have been accredited" in text_of(client, f"/en/{E}")
    assert "Austria" in text_of(client, f"/en/{E}register")
    with app.app_context(), unit_of_work(SYSTEM):
        state = db.session.scalars(db.select(records.Organization).filter_by(country="AT")).one()
        state.name_en = "Republic of Austria"
    assert "Republic of Austria" in text_of(client, f"/en/{E}register")
    with app.app_context(), unit_of_work(SYSTEM):
        publish_bulletin(db.session.scalars(db.select(records.Election)).one())
    assert "no. 3" in text_of(client, f"/en/{E}bulletins/")


def test_what_is_needed_of_an_observer_is_said_once(client, election):
    page = text_of(client, f"/en/{E}apply")
    needed = page.split('class="needed"')[1].split("</ul>")[0]
    assert "<span>citizenship</span>" in needed
    assert needed.count("valid") == 1
    for said in ("other than", "note verbale", "date until which"):
        assert said not in needed
    assert page.count("The delegation as a whole needs one note verbale.") == 1
    assert "Citizens of the host country cannot be accredited" in page


def test_each_reader_sees_pages_in_the_chosen_colours(client, election):
    assert "data-theme" not in text_of(client, f"/en/{E}apply")
    response = client.get("/en/display?theme=dark&text=xl&space=&next=/en/e/kz-2022/apply")
    assert (response.status_code, response.headers["Location"]) == (303, "/en/e/kz-2022/apply")
    page = text_of(client, f"/en/{E}apply")
    assert 'data-theme="dark"' in page
    assert 'data-text="xl"' in page
    assert 'value="dark" checked' in text_of(client, "/en/display")
    client.get("/en/display?theme=&text=&space=")
    assert "data-theme" not in text_of(client, f"/en/{E}apply")


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", ""]
)
def test_the_display_leads_to_no_other_site(client, election, target):
    response = client.get("/ru/display", query_string={"theme": "dark", "next": target})
    assert response.headers["Location"] == "/ru/"
    assert "theme=dark" in response.headers["Set-Cookie"]
    nonsense = client.get("/ru/display?theme=%22onload%3D&next=/ru/")
    assert "onload" not in nonsense.headers.get("Set-Cookie", "")


def test_a_stranger_is_led_to_the_site_and_staff_to_their_work(client, election, sign_in):
    response = client.get("/", headers={"Accept-Language": "kk"})
    assert (response.status_code, response.headers["Location"]) == (302, "/kk/")
    assert sign_in(Role.REGISTRAR).get("/").headers["Location"] == "/e/kz-2022/"


def test_before_the_first_election(client):
    for lang in LANGUAGES:
        assert text_of(client, f"/{lang}/").count("<h1>") == 1
    assert text_of(client, "/sitemap.xml")
    assert text_of(client, "/en/feed.xml")


def test_before_anybody_is_accredited(app, client):
    with app.app_context(), unit_of_work(SYSTEM):
        records.election()
    for path in ("", E, f"{E}register", f"{E}bulletins/", f"{E}press-notes/", f"{E}data"):
        text_of(client, f"/en/{path}")
    assert "No observers" in text_of(client, "/en/") or "Nobody" in text_of(client, "/en/")
    assert text_of(client, "/data/kz-2022/SHA256SUMS").count("\n") == 11


def test_what_people_wrote_is_no_markup(client, election):
    for path in (f"/en/{E}press-notes/1/versions/1", f"/en/{E}bulletins/1", f"/en/{E}register"):
        page = text_of(client, path)
        assert "<script" not in page
        assert "<Assembly" not in page
    assert "Two &lt; three &amp;" in text_of(client, f"/en/{E}press-notes/1/versions/1")
    assert "Zeta &lt;Assembly&gt;" in text_of(client, f"/en/{E}register")


def test_a_bulletin_keeps_its_figures(app, client, election):
    found = client.get(f"/en/{E}bulletins/1.json").get_json()
    assert found["figures"]["observers"] == 6
    assert found["figures"]["by_state"] == {"TR": 3, "AT": 2}
    assert (found["corrected_by"], found["corrects"]) == ([2], None)
    lines = list(csv.DictReader(io.StringIO(text_of(client, f"/en/{E}bulletins/1.csv"))))
    assert {"figure": "by_state", "group": "TR", "count": "3"} in lines
    wholes = {line["figure"]: int(line["count"]) for line in lines if not line["group"]}
    assert all(found["figures"][name] == count for name, count in wholes.items())
    with app.app_context(), unit_of_work(SYSTEM):
        row = db.session.scalars(
            db.select(records.Accreditation).order_by(records.Accreditation.id)
        ).first()
        revoke_accreditation(actor=SYSTEM, row=row, reason=Reason(Ground.INTERFERENCE))
    assert client.get(f"/en/{E}bulletins/1.json").get_json() == found
    page = text_of(client, f"/en/{E}bulletins/1")
    assert "Corrected by bulletin no. 2" in page
    assert found["list_hash"] in page
    assert "Corrects bulletin no. 1" in text_of(client, f"/en/{E}bulletins/2")


def test_a_bulletin_names_organizations_as_its_readers_do(app, client, election):
    def said(lang):
        paper = PdfReader(io.BytesIO(client.get(f"/{lang}/{E}bulletins/1.pdf").data))
        return text_of(client, f"/{lang}/{E}bulletins/1"), paper.pages[0].extract_text()

    assert all("ZA" in text for text in (*said("en"), *said("ru")))
    with app.app_context(), unit_of_work(SYSTEM):
        row = db.session.scalars(db.select(Organization).filter_by(acronym="ZA")).one()
        row.acronym_ru = "ПАЗ"
    assert all("ПАЗ" in text and "ZA" not in text for text in said("ru"))
    assert all("ZA" in text and "ПАЗ" not in text for text in said("en"))
    frozen = client.get(f"/ru/{E}bulletins/1.json").get_json()["figures"]
    assert frozen["by_organization"] == {"ZA": 1}


def test_a_note_shows_its_versions_and_its_photograph(client, election):
    page = text_of(client, f"/en/{E}press-notes/1")
    assert "Correction: Words" in page
    assert 'alt="Words"' in page
    assert "A. Photographer" in page
    address = re.search(r'<img src="([^"]+)"', page)[1]
    picture = client.get(address)
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in picture.headers["Cache-Control"]
    assert hashlib.sha256(picture.data).hexdigest() in address
    earlier = text_of(client, f"/en/{E}press-notes/1/versions/1")
    assert "before it was corrected" in earlier


def test_observers_are_named_only_where_that_is_decided(app, client, election):
    with app.app_context():
        surname = db.session.scalars(db.select(records.Observer.surname)).first()
    names = f"/en/{E}register"
    assert surname.title() not in text_of(client, names)
    with app.app_context(), unit_of_work(SYSTEM):
        db.session.scalars(db.select(records.Election)).one().publishes_observers = True
    assert surname.title() in text_of(client, names)
    narrowed = text_of(client, f"{names}?kind=parliamentary_assembly")
    assert surname.title() not in narrowed


def test_the_register_follows_the_alphabet_and_the_kind(client, election):
    page = text_of(client, f"/en/{E}register")
    assert page.index("Austria") < page.index("Türkiye") < page.index("Zeta")
    states = text_of(client, f"/en/{E}register?kind=foreign_state")
    assert "Zeta" not in states
    assert text_of(client, f"/en/{E}register?kind=nonsense").count("Zeta") == 1


def test_the_files_are_what_their_checksums_and_schema_say(client, election):
    sums = dict(
        reversed(line.split()) for line in text_of(client, "/data/kz-2022/SHA256SUMS").splitlines()
    )
    for name, digest in sums.items():
        response = client.get(f"/data/kz-2022/{name}")
        assert hashlib.sha256(response.data).hexdigest() == digest, name
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    schema = json.loads(text_of(client, "/data/kz-2022/csv-metadata.json"))
    for table in schema["tables"]:
        rows = list(csv.reader(io.StringIO(text_of(client, f"/data/kz-2022/{table['url']}"))))
        assert rows[0] == [column["name"] for column in table["tableSchema"]["columns"]]
    states = client.get("/data/kz-2022/observers-by-state.json").get_json()["rows"]
    assert [(row["state"], row["observers"]) for row in states] == [("AT", 2), ("TR", 3)]
    crossed = client.get("/data/kz-2022/observers-by-sex-and-function.json").get_json()
    assert all(row["observers"] is None or row["observers"] >= 5 for row in crossed["rows"])


def test_programs_follow_the_feed_and_the_map(client, election):
    atom = {"a": "http://www.w3.org/2005/Atom"}
    for lang in LANGUAGES:
        response = client.get(f"/{lang}/feed.xml")
        assert response.headers["Content-Type"].startswith("application/atom+xml")
        root = ET.fromstring(response.data)
        assert root.tag == "{http://www.w3.org/2005/Atom}feed"
        entries = root.findall("a:entry", atom)
        assert len(entries) == 3
        for element in (root, *entries):
            for name in ("id", "title", "updated"):
                assert element.findtext(f"a:{name}", namespaces=atom)
            assert datetime.fromisoformat(element.findtext("a:updated", namespaces=atom)).tzinfo
        assert len({entry.findtext("a:id", namespaces=atom) for entry in entries}) == 3
    root = ET.fromstring(client.get("/sitemap.xml").data)
    places = [element.text for element in root.findall(".//{*}loc")]
    assert len(places) == len(set(places)) == 27  # six sections, two bulletins, one note
    for url in root:
        assert len(url.findall("{http://www.w3.org/1999/xhtml}link")) == 4
    for place in places:
        assert client.get(place.removeprefix("http://localhost")).status_code == 200
    assert "Sitemap: http://localhost/sitemap.xml" in text_of(client, "/robots.txt")
