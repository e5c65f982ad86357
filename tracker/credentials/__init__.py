"""Certificates that prove themselves: issue, signature, revocation, verification, paper."""
