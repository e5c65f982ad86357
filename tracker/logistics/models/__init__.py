"""What logistics stores."""
