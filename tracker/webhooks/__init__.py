"""Tells the systems of other offices what happens here, by signed messages."""
