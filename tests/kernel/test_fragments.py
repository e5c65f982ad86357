"""A piece is made once for all who ask for it, and the oldest give way."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from tracker.kernel.fragments import MOST, fragment, init_app


def test_a_piece_is_made_once_also_for_many_at_once(app):
    made = []

    def make():
        sleep(0.01)
        made.append(1)
        return len(made)

    def ask(_number):
        with app.app_context():
            return fragment("board", make)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(16))) == {1}


def test_what_was_asked_for_long_ago_is_made_anew(app):
    with app.app_context():
        for number in range(MOST + 1):
            assert fragment(number, lambda: "first") == "first"
        assert fragment(1, lambda: "again") == "first"
        assert fragment(0, lambda: "again") == "again"


def test_what_failed_is_tried_again(app):
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            fragment("key", lambda: 1 // 0)
        assert fragment("key", lambda: "now") == "now"


def test_applications_share_nothing(app):
    other = type(app)("other")
    init_app(other)
    with app.app_context():
        assert fragment("key", lambda: 1) == 1
    with other.app_context():
        assert fragment("key", lambda: 2) == 2


def test_a_piece_may_be_made_of_others(app):
    with app.app_context():
        outer = fragment("outer", lambda: f"<{fragment('inner', lambda: 'in')}>")
    assert outer == "<in>"
