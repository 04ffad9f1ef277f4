"""Frozen values: what the words of the measure mean. Knows no file, no frame and no formula."""
