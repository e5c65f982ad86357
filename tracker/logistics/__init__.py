"""What headquarters does for delegations beside meetings: what they ask for, how they move."""
