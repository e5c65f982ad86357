"""The face that reads all parts together: dashboard, summary, lists, search."""
