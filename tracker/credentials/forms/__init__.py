"""What people type about certificates, their design and their keys."""
