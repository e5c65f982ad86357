"""What is allowed in logistics: tables and pure functions, one module for each thing."""
