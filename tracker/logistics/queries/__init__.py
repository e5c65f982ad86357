"""What is read of logistics."""
