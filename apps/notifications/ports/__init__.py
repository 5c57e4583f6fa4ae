"""How messages leave: one file for each way."""
