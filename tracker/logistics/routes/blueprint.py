"""The blueprint of logistics."""

from flask import Blueprint

blueprint = Blueprint("logistics", __name__)
