"""What everybody may read: the public site and the verification of certificates."""
