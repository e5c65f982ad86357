"""The blueprint of the pages below."""

from flask import Blueprint

blueprint = Blueprint("ops", __name__)
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
