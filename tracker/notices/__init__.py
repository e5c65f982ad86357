"""What people are told of by mail, pulled from the record of changes."""
