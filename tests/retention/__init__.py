"""What is kept for how long, and that nothing is left of it afterwards."""
