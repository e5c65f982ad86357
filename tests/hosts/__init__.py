"""Several machines that serve one installation."""
