"""The Election Observer Mission Tracker: delegations, observers, accreditation and totals."""

__version__ = "0.1.0"
