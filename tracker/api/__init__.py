"""The face for programs: JSON, version 1, over the same queries and operations as the pages."""
