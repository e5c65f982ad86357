"""Meetings of delegations with officials."""
