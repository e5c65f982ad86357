"""What people type in logistics: one module for each thing."""
