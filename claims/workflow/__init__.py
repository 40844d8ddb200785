"""How a claim moves from status to status, and the deadlines that start and end with it."""
