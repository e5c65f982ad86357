"""Processes that are killed, and others that fall silent: nothing acknowledged is lost."""
