"""Logistics as read by pages and by other parts: one module for each thing."""
