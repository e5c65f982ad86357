"""What delegations need on the ground: arrivals and departures."""
