"""Results as Altair charts, one kind of picture a function."""
