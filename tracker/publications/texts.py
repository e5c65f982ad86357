"""Texts for the public: paragraphs without markup, whatever was pasted into the field."""

import html

import nh3

from tracker.kernel.text import normalize_lines

_UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math"}


def plain(text: str) -> str:
    """The words of `text` without tags; what tags like <script> hold goes with them."""
    said = nh3.clean(text, tags=set(), clean_content_tags=_UNSEEN)
    return normalize_lines(html.unescape(said))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a stored text: an empty line ends one."""
    return [part for part in text.split("\n\n") if part.strip()]
