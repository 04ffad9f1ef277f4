"""Relations: what "A is aligned with H" can mean, and whether H is aligned with itself."""
