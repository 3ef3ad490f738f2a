"""The one error of this package."""


class LocalServerError(RuntimeError):
    """A server could not be fetched, started or reached; the text says what to do about it."""
