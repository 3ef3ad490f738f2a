"""The one way to a customer's site: safe against the addresses, names and bodies of strangers."""

from beianhub_engine.fetch.fetcher import BoundFetch, SafeFetcher
from beianhub_engine.fetch.limits import Limits
from beianhub_engine.fetch.resolving import Resolver, SystemResolver
from beianhub_engine.fetch.sites import Sites, rehearses

__all__ = ["BoundFetch", "Limits", "Resolver", "SafeFetcher", "Sites", "SystemResolver", "rehearses"]
