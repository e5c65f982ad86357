"""What requests and answers look like: pydantic models, closed to fields they do not name."""
