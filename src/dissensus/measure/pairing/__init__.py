"""Several goals an agent: how the goals of two agents become one degree of conflict."""
