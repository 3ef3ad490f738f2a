"""Running the parts: together in one process, or each alone."""
