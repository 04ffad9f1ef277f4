"""How far a value from a sample may be from that of the population that it was drawn from."""
