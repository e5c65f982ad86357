"""What tests begin with: records, files, servers and processes that more than one file needs."""
