"""Certificates and badges, and who can tell whether they hold."""
