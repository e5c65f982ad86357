"""What people type about logistics."""
