"""The pure filing domain."""
