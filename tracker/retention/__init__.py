"""How long personal data is kept, how it goes, and what is held about one person."""
