"""Moments of the demonstration's story at which something may die, seen through the API."""

from __future__ import annotations

from beianhub.resources.v1 import resources_pb2 as res
from rehearsal.api import Api


def imported(api: Api) -> bool:
    """The last customer of the file is in."""
    return api.has_subject("cankao-maoyi")


def submitted(api: Api) -> bool:
    """An order was taken from the reseller, and may or may not be on its way to the vendor."""
    return api.order("shili-first").submission.generation == 1


def accepted(api: Api) -> bool:
    """A vendor has accepted an order."""
    return bool(api.order("shili-first").provider_order_id)


def waits_for_sms(api: Api) -> bool:
    """A person has to answer MIIT's SMS."""
    return any(
        facet.kind == res.VERIFICATION_KIND_MIIT_SMS and facet.state == res.VERIFICATION_STATE_WAITING
        for facet in api.order("shili-aliyun").verifications
    )


def handed_off(api: Api) -> bool:
    """An operator has a form in his hands, or is about to take it."""
    return api.order("shili-huawei").submission.state == res.Submission.STATE_QUEUED and bool(api.handoffs())


def rejected(api: Api) -> bool:
    """A provider has returned an order, and the corrected data is being sent, or about to be."""
    return api.order("fanli-first").state == res.ORDER_STATE_PROVIDER_REJECTED
