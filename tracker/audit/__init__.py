"""Who did what to which record, hash-chained."""
