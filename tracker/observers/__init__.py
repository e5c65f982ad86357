"""Persons, their travel documents and portraits."""
