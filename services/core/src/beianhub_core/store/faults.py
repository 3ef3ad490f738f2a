"""What goes wrong in a database, in the core's words. Messages of the driver never leave: they may hold values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker

_LOG: Final = structlog.get_logger(__name__)

# PostgreSQL: serialization_failure, deadlock_detected, lock_not_available.
_CONTENTION: Final = {"40001", "40P01", "55P03"}

# What a statement may raise: drivers refuse text that has no encoding by themselves.
DATABASE_ERRORS: Final = (SQLAlchemyError, UnicodeError)


class BrokenPlanError(RuntimeError):
    """A plan's result contradicts itself: a defect of the program, never the caller's fault."""


def unavailable(cause: Exception | None = None) -> BeianhubError:
    """UNAVAILABLE with reason ``STORE_UNAVAILABLE``: whether the write took place is not known, unless it has a
    request id to be repeated with. The cause is logged by its kind and code alone.
    """
    if cause is not None:
        driver = getattr(cause, "orig", None)
        code = getattr(driver, "sqlstate", None) or getattr(driver, "sqlite_errorname", None)
        _LOG.warning("store_failed", error=type(cause).__name__, code=code)
    finding = blocker(
        "STORE_UNAVAILABLE",
        "",
        "存储暂不可用",
        "the store does not answer at present",
        "请用同一 request_id 重复该请求。 / Repeat the request with the same request id.",
    )
    return BeianhubError(ErrorKind.UNAVAILABLE, "STORE_UNAVAILABLE", [finding], retry_after=1.0)


def reused() -> BeianhubError:
    """INVALID: the request id came before with another body."""
    finding = blocker(
        "REQUEST_ID_REUSED",
        "request_id",
        "request_id 已用于内容不同的请求",
        "was used before for a request with other content",
        "新请求请使用新的 request_id。 / Use a new request id for a new request.",
        rule="AIP-155",
    )
    return BeianhubError(ErrorKind.INVALID, "REQUEST_ID_REUSED", [finding])


def subject_exists(subject: str) -> BeianhubError:
    """ALREADY_EXISTS: another subject of the tenant has the certificate."""
    finding = blocker(
        "SUBJECT_EXISTS",
        "subject.profile.certificate.number",
        "该证件已登记为另一主体",
        "another subject of the tenant has this certificate",
        "请在错误元数据所指的主体下新增服务。 / Add services to the subject that is named in the error's metadata.",
    )
    return BeianhubError(ErrorKind.ALREADY_EXISTS, "SUBJECT_EXISTS", [finding], metadata={"subject": subject})


def domain_exists(subject: str, domain: str) -> BeianhubError:
    """ALREADY_EXISTS: another service of the tenant has the domain."""
    finding = blocker(
        "DOMAIN_EXISTS",
        "subject.services.domains",
        f"域名 {domain} 已属于另一互联网信息服务",
        f"{domain} belongs to another service of the tenant",
        "请使用错误元数据所指主体的服务。 / Use the service of the subject that is named in the error's metadata.",
    )
    metadata = {"subject": subject, "domain": domain}
    return BeianhubError(ErrorKind.ALREADY_EXISTS, "DOMAIN_EXISTS", [finding], metadata=metadata)


def order_exists() -> BeianhubError:
    """ALREADY_EXISTS: another subject of the tenant has an order with this id; it is not named, it may be anybody's."""
    finding = blocker(
        "ORDER_EXISTS",
        "order_id",
        "订单编号已被使用",
        "an order of the tenant has this id",
        "请另选编号，或由服务器生成。 / Choose another id, or leave it to the server.",
    )
    return BeianhubError(ErrorKind.ALREADY_EXISTS, "ORDER_EXISTS", [finding])


def contended(error: Exception) -> bool:
    """Whether another writer was in the way of one of the rows, so that trying again helps."""
    if isinstance(error, IntegrityError):
        return True  # a race on a unique key: the next attempt sees the winner
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONTENTION


def away(error: Exception) -> bool:
    """Whether the whole database does not answer: no connection, or SQLite's write lock is held elsewhere."""
    if not isinstance(error, DBAPIError):
        return False
    unreachable = isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") is None
    busy = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    return error.connection_invalidated or unreachable or busy


@contextmanager
def translated() -> Iterator[None]:
    """Turns a database's errors into UNAVAILABLE."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise unavailable(error) from None
