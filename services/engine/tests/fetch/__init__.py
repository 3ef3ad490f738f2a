"""A package, so that its modules share their helpers."""
