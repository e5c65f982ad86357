"""Forms as a browser reads them from a page: their address, their fields, what may be chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

BOXES = frozenset({"checkbox", "radio"})
BUTTONS = frozenset({"button", "submit", "reset", "image"})


@dataclass
class Field:
    """One field; `values` are what it says now, `choices` what may be chosen."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """One form of a page."""

    action: str
    method: str
    kind: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def takes_files(self) -> bool:
        """Whether it sends files."""
        return self.kind == "multipart/form-data"

    def filled(self) -> dict[str, list[str]]:
        """What a person would send: what is there, else a first choice, else something short."""
        return {name: each.values or [_usual(each)] for name, each in self.fields.items()}


def _usual(each: Field) -> str:
    usual = {"date": "2022-11-18", "time": "10:00", "datetime-local": "2022-11-18T10:00"}
    usual |= {"number": "1", "email": "person@example.org", "file": ""}
    chosen = [choice for choice in each.choices if choice]
    return chosen[0] if chosen else usual.get(each.kind, "" if each.choices else "text")


class _Reader(HTMLParser):
    """Collects forms; fields outside of one belong to the form that they name (`form="id"`)."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._by_id: dict[str, PageForm] = {}
        self._loose: list[tuple[str, Field]] = []
        self._form: PageForm | None = None
        self._select: Field | None = None
        self._area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            kind = said.get("enctype", "application/x-www-form-urlencoded")
            self._form = PageForm(said.get("action", ""), said.get("method", "get").lower(), kind)
            self.forms.append(self._form)
            self._by_id[said.get("id", "")] = self._form
        elif tag == "option" and self._select:
            self._select.choices.append(said.get("value", ""))
            if "selected" in said:
                self._select.values.append(said.get("value", ""))
        elif tag in {"input", "select", "textarea", "button"} and said.get("name"):
            self._take(tag, said)

    def _take(self, tag: str, said: dict[str, str]) -> None:
        kind = said.get("type", "text" if tag == "input" else tag)
        found = Field(said["name"], kind)
        form = self._form
        if "form" in said:
            self._loose.append((said["form"], found))
        elif form is not None:
            found = form.fields.setdefault(said["name"], found)
        if kind in BOXES | BUTTONS:
            found.choices.append(said.get("value", "on"))
            if "checked" in said:
                found.values.append(said.get("value", "on"))
        elif tag == "select":
            self._select = found
        elif tag == "textarea":
            self._area = found
        elif said.get("value"):
            found.values.append(said["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and data.strip():
            self._area.values = [data.strip()]

    def close(self) -> None:
        super().close()
        for key, found in self._loose:
            if key in self._by_id:
                self._by_id[key].fields.setdefault(found.name, found)


def forms_of(page: str) -> Iterator[PageForm]:
    """The forms of a page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    yield from reader.forms
