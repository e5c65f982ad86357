"""The description of the interface: OpenAPI 3.1 for programs, and a page of it for people."""

import copy
from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from tracker.accounts.labels import SCOPE_WORDS
from tracker.accounts.rules import SCOPES
from tracker.api.blueprint import blueprint, specification
from tracker.api.door import KEY, LONGEST_KEY
from tracker.api.problems import KINDS, MEDIA_TYPE
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires

# The page knows people by their session, as all pages do, and stands beside what it describes.
reference = Blueprint("reference", __name__, url_prefix="/api/v1")
JSON = "application/json"
METHODS = ("get", "post", "patch")
REPEATED = {
    "name": KEY,
    "in": "header",
    "required": False,
    "description": "Chosen by the program: the same again with the same key is done once",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}
SEEN = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of what was read: the version that is to be changed",
    "schema": {"type": "string", "minLength": 1},
}


def described() -> dict[str, Any]:
    """OpenAPI 3.1 of all routes: what the library makes of the models, with the headers of writes
    and the media type of problems, which it does not know."""
    found: dict[str, Any] = copy.deepcopy(specification.spec)
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path in found["paths"].values():
        for method, operation in path.items():
            if method not in METHODS:
                continue
            if method == "post":
                operation["parameters"].append(REPEATED)
            if "428" in operation["responses"]:
                operation["parameters"].append(SEEN)
            for status, answer in operation["responses"].items():
                if status >= "400" and JSON in answer.get("content", {}):
                    answer["content"] = {MEDIA_TYPE: answer["content"][JSON]}
    return found


@blueprint.get("/openapi.json")
@requires(Capability.PUBLIC, takes_json=True)
def openapi() -> ResponseReturnValue:
    """The description for programs."""
    return jsonify(described())


def _sections(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations by what they are about, with the models that they take and give."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for address, path in found["paths"].items():
        for method in METHODS:
            if (operation := path.get(method)) is None:
                continue
            body = operation.get("requestBody", {}).get("content", {}).get(JSON)
            done = next(each for code, each in operation["responses"].items() if code < "300")
            section = sections.setdefault(operation["tags"][0], [])
            section.append(
                {
                    "method": method.upper(),
                    "address": address,
                    "summary": operation["summary"],
                    "parameters": [each["name"] for each in operation["parameters"]],
                    "takes": _name(body) if body else "",
                    "gives": _name(done["content"][JSON]),
                    "is_public": operation.get("security") == [],
                }
            )
    return dict(sorted(sections.items()))


def _name(content: dict[str, Any]) -> str:
    return str(content["schema"]["$ref"]).rsplit("/", maxsplit=1)[1]


def _fields(model: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The fields of a model: name, what they hold in short, whether they have to be given."""
    needed = model.get("required", [])
    return [
        (name, _kind(schema), name in needed)
        for name, schema in model.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name({"schema": schema})
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}[]"
    return str(schema.get("format") or schema.get("type") or "any")


@reference.get("/")
@requires(Capability.PUBLIC)
def index() -> ResponseReturnValue:
    """The interface for whoever writes a program: addresses, models, scopes, problems."""
    found = described()
    models = found["components"]["schemas"]
    return render_template(
        "api/index.html",
        sections=_sections(found),
        models={name: _fields(model) for name, model in sorted(models.items())},
        choices={name: model["enum"] for name, model in sorted(models.items()) if "enum" in model},
        scopes=[(scope.value, SCOPE_WORDS[scope]) for scope in SCOPES],
        problems=[(kind.value, status, title) for kind, (status, title) in KINDS.items()],
    )
