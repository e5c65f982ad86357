"""Installations that are backed up, under a passphrase of the tests alone."""

from dataclasses import replace

from tests.journeys.demonstration import settings

PASSPHRASE = "tests only, backups 0123456789"


def installation(folder, **values):
    """Settings of the installation in `folder`."""
    return replace(settings(folder), backup_passphrase=PASSPHRASE, **values)
