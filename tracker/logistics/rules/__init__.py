"""What logistics allows."""
