"""A backup, made and restored."""
