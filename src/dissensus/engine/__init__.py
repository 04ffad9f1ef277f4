"""From any source to a tally: rows and roles, opened, checked and counted. Knows no formula."""
