"""How fast it is, as ratios: `make bench`."""
