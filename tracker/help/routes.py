"""The pages of the guide, open to everybody, and of the documents, open to administrators.

Who is signed in reads in their language and finds their own day first. Who is not is led on by the
language in the address, as on the public site.
"""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tracker.help.queries import (
    DOCUMENTS,
    SAMPLES,
    chapter_names,
    document,
    guide_folder,
    places,
    section_of,
)
from tracker.help.queries import chapter as chapter_of
from tracker.help.reading import GUIDE, PICTURE
from tracker.help.rules import CHAPTERS, DAYS, SUBJECTS, days_of
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import LANGUAGE_LABELS, LANGUAGES, N_, language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires

blueprint = Blueprint("help", __name__)
PICTURE_SECONDS = 86_400


def _any(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)


@blueprint.get("/help/")
@blueprint.get("/<any(en, ru, kk):lang>/help/", endpoint="index")
@requires(Capability.PUBLIC)
def index(lang: str | None = None) -> ResponseReturnValue:
    """All chapters: the reader's own day first, then the subjects, then what others do."""
    if lang and actor().user_id:
        return redirect(url_for("help.index"))
    known = chapter_names()
    own = days_of(actor().roles)
    groups = {
        "own": own,
        "subjects": SUBJECTS,
        "others": [name for name in DAYS if name not in own],
    }
    return _page(
        "help/index.html",
        groups={
            label: [(name, _title(name)) for name in names if name in known]
            for label, names in groups.items()
        },
        documents=_documents() if actor().may(Capability.ADMINISTER) else [],
    )


@blueprint.get(f"/help/<any({_any(CHAPTERS)}):chapter>")
@blueprint.get(f"/<any(en, ru, kk):lang>/help/<any({_any(CHAPTERS)}):chapter>", endpoint="chapter")
@requires(Capability.PUBLIC)
def chapter(chapter: str, lang: str | None = None) -> ResponseReturnValue:
    """One chapter; with `section` in the query that section alone, for a dialog."""
    if lang and actor().user_id:
        return redirect(url_for("help.chapter", chapter=chapter))
    if anchor := request.args.get("section"):
        section = section_of(language(), chapter, anchor)
        return render_template("help/_section.html", section=section, shown=_shown)
    known = [None, *chapter_names(), None]
    text, place = chapter_of(language(), chapter), known.index(chapter)
    before, after = ((name, _title(name)) if name else None for name in known[place - 1 :: 2][:2])
    return _page("help/chapter.html", text=text, chapter=chapter, before=before, after=after)


@blueprint.get("/<any(en, ru, kk):lang>/help/images/<file>")
@requires(Capability.PUBLIC)
def picture(lang: str, file: str) -> ResponseReturnValue:
    """A picture of the guide, as it is in one language."""
    # Looked up, not joined: a name that leads out of the folder is not among its files.
    known = {each.name: each for each in (guide_folder(lang) / "images").glob("*.webp")}
    if file not in known:
        raise NotFound(N_("There is no such chapter."))
    response: Response = send_file(known[file], mimetype="image/webp", max_age=PICTURE_SECONDS)
    response.headers["Cache-Control"] = f"max-age={PICTURE_SECONDS}"
    return response


@blueprint.get(f"/help/administration/<any({_any(DOCUMENTS)}):document_name>")
@requires(Capability.ADMINISTER)
def administration(document_name: str) -> ResponseReturnValue:
    """A document for administrators, which is written in English."""
    return _page("help/administration.html", text=document(document_name), documents=_documents())


@blueprint.get(f"/help/administration/files/<any({_any(SAMPLES)}):sample>")
@requires(Capability.ADMINISTER)
def sample(sample: str) -> ResponseReturnValue:
    """A file that documents refer to, to be copied from."""
    return Response(SAMPLES[sample].read_text(encoding="utf-8"), mimetype="text/plain")


def here() -> dict[str, Any]:
    """What the `?` of the page that is shown leads to: its section, else all of the guide."""
    lang = (request.view_args or {}).get("lang")  # the public site leads on in its language
    if (place := places(language()).get(request.endpoint or "")) is None:
        return {"url": url_for("help.index", lang=lang), "section": None, "chapter_title": ""}
    values: dict[str, Any] = {"chapter": place.chapter, "lang": lang}
    return {
        "url": url_for("help.chapter", _anchor=place.section.anchor, **values),
        "section": url_for("help.chapter", section=place.section.anchor, **values),
        "chapter_title": place.chapter_title,
    }


def _title(name: str) -> str:
    return chapter_of(language(), name).title


def _documents() -> list[tuple[str, str]]:
    return [(name, document(name).title) for name in DOCUMENTS]


def _shown(body: str) -> Markup:
    """HTML of our own files, with the addresses that were left open."""
    lang = (request.view_args or {}).get("lang")
    guide = url_for("help.index", lang=lang)
    pictures = url_for("help.picture", lang=language(), file="-").removesuffix("-")
    for scheme, address in ((GUIDE, guide), (PICTURE, pictures)):
        body = body.replace(f'="{scheme}', f'="{address}')
    # Made from files of this project, in which HTML is text.
    return Markup(body)  # noqa: S704  # nosec B704


def _page(template: str, **context: Any) -> str:
    """A page in the frame of whoever reads: with the side bar, or as the public site's."""
    endpoint, values = request.endpoint or "help.index", dict(request.view_args or {})
    choices = [
        (code, title, LANGUAGE_LABELS[code], url_for(endpoint, **values | {"lang": code}))
        for code, title in LANGUAGES.items()
    ]
    frame = "layouts/app.html" if actor().user_id else "layouts/guide.html"
    lang = values.get("lang")
    return render_template(
        template, frame=frame, shown=_shown, choices=choices, lang=lang, **context
    )
