"""Every page in English: nothing in anybody's way, at any width, in any theme, on paper."""

import pytest

from tests.pages.looking import READERS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("reader", READERS)
def test_pages_in_english(findings, reader):
    assert findings(reader, "en") == {}
