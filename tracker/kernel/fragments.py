"""Pieces of pages that many people look at, made once for all of them.

A piece is kept in the memory of one process under everything that it depends on. The version of the
data belongs to that, so that a change in any process is seen by all and nothing is ever thrown away
by hand.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, TypeVar

from flask import Flask, current_app

T = TypeVar("T")
MOST = 64


class _Kept:
    def __init__(self) -> None:
        self.pieces: OrderedDict[Hashable, Any] = OrderedDict()
        self.lock = RLock()  # a piece may be made of others


def fragment(key: Hashable, make: Callable[[], T]) -> T:
    """The piece of this key; made now where nobody asked for it before.

    Who asks for one while another is made waits: no piece is made twice.
    """
    kept: _Kept = current_app.extensions["fragments"]
    with kept.lock:
        if key not in kept.pieces:
            kept.pieces[key] = make()
            if len(kept.pieces) > MOST:
                kept.pieces.popitem(last=False)
        kept.pieces.move_to_end(key)
        found: T = kept.pieces[key]
        return found


def init_app(app: Flask) -> None:
    """Keep pieces for this application."""
    app.extensions["fragments"] = _Kept()
