"""A receiver on this machine."""

import pytest

from tests.factories.receivers import receiver


@pytest.fixture
def there():
    with receiver() as found:
        yield found
