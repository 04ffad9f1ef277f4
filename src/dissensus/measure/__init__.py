"""The mathematics: pure functions on arrays and tallies, one measure a file. Meets no row."""
