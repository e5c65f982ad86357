"""Takes officials, institutions and organizations in from files, looked at row by row before."""
