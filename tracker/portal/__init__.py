"""One delegation's own view: where it stands, and what it is to do next."""
