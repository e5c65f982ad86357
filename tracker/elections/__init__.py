"""Elections, their calendar, deadlines and regions."""
