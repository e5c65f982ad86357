"""A delegation's own view."""
