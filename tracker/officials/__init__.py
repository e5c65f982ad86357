"""Institutions and the officials whom delegations meet."""
