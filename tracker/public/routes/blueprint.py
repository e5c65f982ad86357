"""The blueprint of the pages and answers that verify certificates."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)
