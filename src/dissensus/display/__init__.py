"""Results for people: a terminal. Reads the model only, and computes nothing."""
