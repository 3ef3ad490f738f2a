"""The vendors' consoles for people: a page in Chinese, and the same forms as JSON, without signatures."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from beianhub_sandbox.model import Channel, Order
from beianhub_sandbox.problems import Problem, Refused
from beianhub_sandbox.regulator import OPERATIONS
from beianhub_sandbox.sandbox import VOCABULARIES
from beianhub_sandbox.web import json_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from beianhub_sandbox.sandbox import Sandbox
    from beianhub_sandbox.vocabulary import Vocabulary

OPERATOR = "x-console-operator"
ACCOUNT = "x-console-account"


def routes(sandbox: Sandbox) -> list[Route]:
    """`/{vendor}/console…` for each vendor."""
    return [route for words in VOCABULARIES.values() for route in _Console(sandbox, words).routes()]


class _Console:
    """One vendor's console; an operator is named in `X-Console-Operator`."""

    def __init__(self, sandbox: Sandbox, words: Vocabulary) -> None:
        self._sandbox = sandbox
        self._words = words

    def routes(self) -> list[Route]:
        base = f"/{self._words.vendor}/console"
        one = base + "/orders/{order_id}"
        return [
            Route(base, self._page, methods=["GET"]),
            Route(base + "/orders", self._create, methods=["POST"]),
            Route(one, self._get, methods=["GET"]),
            Route(one, self._correct, methods=["PUT"]),
            Route(one, self._withdraw, methods=["DELETE"]),
        ]

    async def _page(self, _request: Request) -> Response:
        self._sandbox.advance()
        rows = "".join(self._row(order) for order in self._sandbox.office.of_vendor(self._words.vendor))
        return HTMLResponse(_PAGE.format(title=self._words.title, rows=rows))

    async def _create(self, request: Request) -> Response:
        """`?draft=1` saves a form that may be incomplete (填写中)."""
        form = await json_object(request)
        draft = request.query_params.get("draft") == "1"
        try:
            self._operator(request)
            wish = self._words.read(form, self._account(request), channel=Channel.CONSOLE, draft=draft)
            order = self._sandbox.office.submit(self._words.new_number, wish, draft=draft)
        except Refused as refused:
            return self._refusal(refused)
        return JSONResponse({"order_id": order.number, "order": self._words.describe(order)}, 201)

    async def _get(self, request: Request) -> Response:
        self._sandbox.advance()
        try:
            self._operator(request)
            order = self._order(request)
        except Refused as refused:
            return self._refusal(refused)
        return JSONResponse({"order": self._words.describe(order), "form": order.form})

    async def _correct(self, request: Request) -> Response:
        """Submits a draft, or corrected data after a rejection."""
        form = await json_object(request)
        self._sandbox.advance()
        try:
            self._operator(request)
            order = self._order(request)
            order = self._sandbox.office.resubmit(order, self._words.read_correction(form, order))
        except Refused as refused:
            return self._refusal(refused)
        return JSONResponse({"order_id": order.number, "order": self._words.describe(order)})

    async def _withdraw(self, request: Request) -> Response:
        self._sandbox.advance()
        try:
            self._operator(request)
            order = self._sandbox.office.withdraw(self._order(request))
        except Refused as refused:
            return self._refusal(refused)
        return JSONResponse({"order_id": order.number, "order": self._words.describe(order)})

    def _operator(self, request: Request) -> None:
        if not request.headers.get(OPERATOR):
            raise Refused(Problem.UNSIGNED, "X-Console-Operator")

    def _account(self, request: Request) -> str:
        """The account whose console this is: the vendor's first one unless a header names another."""
        known = self._sandbox.settings.credentials[self._words.vendor]
        account = request.headers.get(ACCOUNT) or next(iter(known))
        if account not in known:
            raise Refused(Problem.UNKNOWN_KEY, account)
        return account

    def _order(self, request: Request) -> Order:
        return self._sandbox.office.order(self._words.vendor, request.path_params["order_id"])

    def _row(self, order: Order) -> str:
        view = self._words.describe(order)
        state = view.get("StatusName") or view.get("OrderStatus") or view.get("status")
        cells = (
            order.number,
            OPERATIONS[order.order_type].title,
            order.application.domain,
            order.reference,
            str(state),
            order.licence_number,
            order.refusal.reason if order.refusal else "",
        )
        return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>\n"

    def _refusal(self, refused: Refused) -> Response:
        word = self._words.errors[refused.problem]
        content: dict[str, Any] = {
            "problem": refused.problem,
            "fields": list(refused.fields),
            "detail": refused.detail,
        }
        return JSONResponse(content, max(word.http, 400))


_PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>{title}备案控制台（沙箱）</title>
<h1>{title}备案控制台（沙箱）</h1>
<p>本页为训练与测试用的沙箱，不是真实的云厂商系统。</p>
<table border="1">
<tr><th>备案订单号</th><th>备案类型</th><th>域名</th><th>参考号</th><th>状态</th><th>备案号</th><th>驳回原因</th></tr>
{rows}</table></html>
"""
