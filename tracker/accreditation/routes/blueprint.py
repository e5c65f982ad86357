"""The blueprint that the pages of this part share."""

from flask import Blueprint

blueprint = Blueprint("accreditation", __name__)
