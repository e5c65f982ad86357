"""The demonstration election: published facts of 2022 and invented people."""
