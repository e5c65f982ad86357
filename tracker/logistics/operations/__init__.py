"""What a user does in logistics: one module for each thing, one verb for each deed."""
