"""Delegations: one organization's mission to one election."""
