"""Degrees of conflict between goals, worked out from what the goals ask for."""
