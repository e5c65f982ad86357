"""The blueprint that the pages of bulletins and press notes share."""

from flask import Blueprint

from tracker.publications import queries as queries

blueprint = Blueprint("publications", __name__)
