"""Figures as of any moment, the list behind each, and the sentences made from them."""
