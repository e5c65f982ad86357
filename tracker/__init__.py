"""The Election Observer Mission Tracker: accredited observers, their delegations, meetings and totals."""

__version__ = "0.1.0"
