"""What a user does in logistics: one verb each."""
