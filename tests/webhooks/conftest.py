"""A receiver on this machine, and the application as its job process begins."""

import pytest

from tests.factories.receivers import receiver
from tracker.kernel.database import db, expect_writes


@pytest.fixture
def there():
    with receiver() as found:
        yield found


@pytest.fixture
def as_jobs_begin(app):
    """The application in context, in which a test says itself where it writes."""
    with app.app_context():
        expect_writes(False)
        yield
        db.session.remove()
