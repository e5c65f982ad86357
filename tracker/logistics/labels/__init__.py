"""What kinds and statuses of logistics are called: one module for each thing."""
