"""What a plugin author imports.

A plugin is a module named by an entry point of the group ``beianhub.plugins``. It implements hooks of
:mod:`beianhub_sdk.specs` with :data:`hookimpl`; each returns classes, which the host makes and calls one at a time in
its own guard (deadline, bounded concurrency, circuit breaker), or a rule pack, which is data. pluggy registers; it does
not run anything.
"""

from beianhub_sdk.call import Call, CallbackRequest, Credential
from beianhub_sdk.errors import (
    NotSentError,
    PluginError,
    RefusedError,
    RejectedError,
    UnknownOutcomeError,
)
from beianhub_sdk.fetch import (
    Fetch,
    FetchedPage,
    FetchError,
    FetchFailedError,
    FetchRefusedError,
    NoSuchNameError,
)
from beianhub_sdk.http import Http, HttpRequest, HttpResponse
from beianhub_sdk.manifest import Capability, Guarantee, ProviderManifest, VerifierManifest, Withdrawal
from beianhub_sdk.provider import Accepted, AccessStatus, FiledService, FiledSubject, Form, OrderStatus, Provider
from beianhub_sdk.specs import PLUGIN_API, hookimpl, hookspec
from beianhub_sdk.verifier import Failed, Observed, Passed, Pending, Verifier

__all__ = [
    "PLUGIN_API",
    "Accepted",
    "AccessStatus",
    "Call",
    "CallbackRequest",
    "Capability",
    "Credential",
    "Failed",
    "Fetch",
    "FetchError",
    "FetchFailedError",
    "FetchRefusedError",
    "FetchedPage",
    "FiledService",
    "FiledSubject",
    "Form",
    "Guarantee",
    "Http",
    "HttpRequest",
    "HttpResponse",
    "NoSuchNameError",
    "NotSentError",
    "Observed",
    "OrderStatus",
    "Passed",
    "Pending",
    "PluginError",
    "Provider",
    "ProviderManifest",
    "RefusedError",
    "RejectedError",
    "UnknownOutcomeError",
    "Verifier",
    "VerifierManifest",
    "Withdrawal",
    "hookimpl",
    "hookspec",
]
