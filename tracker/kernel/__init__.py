"""The ground that every part stands on; knows no election word."""
