"""Where population, engine and measure meet: the questions, the study file, the shipped data."""
