"""The blueprint that the pages of certificates share."""

from flask import Blueprint

from tracker.credentials import queries as queries

blueprint = Blueprint("credentials", __name__)
