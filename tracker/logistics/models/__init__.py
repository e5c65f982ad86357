"""What headquarters arranges, as stored: one module for each thing."""
