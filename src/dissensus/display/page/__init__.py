"""Results as one page: self-contained, offline, readable by everyone."""
