"""AdminService: tenants, accounts, API keys, plugins and the audit."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from beianhub.filing.v1 import admin_service_pb2 as pb
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.resources_pb2 import CHANNEL_API, CHANNEL_CONSOLE, Account
from beianhub_core import names
from beianhub_core.application import paging
from beianhub_core.application.audit import audit
from beianhub_core.application.caller import Caller
from beianhub_core.application.core import Core, not_found
from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub.filing.v1.admin_service_pb2 import ApiKey, Tenant

_SECRET_PREFIX: Final = "bh_"  # noqa: S105 - what every key begins with, so that scanners can find a lost one
_SECRET_BYTES: Final = 24


class Admin:
    """Answers AdminService, and authenticates callers."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def authenticate(self, secret: str) -> Caller:
        """Who has this API key. Raises UNAUTHENTICATED for none, an unknown or a revoked one."""
        key = await self._core.store.api_key(_digest(secret)) if secret else None
        if key is None or key.HasField("revoke_time"):
            raise refused(
                ErrorKind.UNAUTHENTICATED,
                "API_KEY_INVALID" if secret else "API_KEY_MISSING",
                "authorization",
                "缺少 API 密钥，或密钥无效",
                "the API key is missing, unknown or revoked",
                (
                    '请发送元数据 "authorization: Bearer KEY"；第一个密钥由 `beianhub init` 生成。 / '
                    'Send metadata "authorization: Bearer KEY"; `beianhub init` makes the first key.'
                ),
            )
        tenant, key_id = names.parse(key.name, "tenants/{}/apiKeys/{}", "name")
        return Caller(tenant=tenant, role=key.role, customer=key.customer, actor=f"key:{key_id}")

    async def create_tenant(self, tenant: str, title: str) -> Tenant:
        """Creates a tenant; for `beianhub init` at the machine, not for callers. Raises ALREADY_EXISTS."""
        names.parse(names.tenant_name(tenant), "tenants/{}", "tenant")
        created = pb.Tenant(name=names.tenant_name(tenant), title=title or tenant)
        created.create_time.FromDatetime(self._core.clock.now())
        if not await self._core.store.put_tenant(created):
            raise refused(
                ErrorKind.ALREADY_EXISTS,
                "TENANT_EXISTS",
                "tenant",
                "租户已存在",
                "the tenant exists",
                "请另选编号，或使用其所有者的密钥。 / Choose another id, or use its owner's key.",
            )
        return created

    async def get_tenant(self, caller: Caller, request: pb.GetTenantRequest) -> Tenant:
        """The caller's tenant."""
        (tenant_id,) = caller.parse(request.name, "tenants/{}")
        tenant = await self._core.store.tenant(tenant_id)
        if tenant is None:
            raise not_found("name", "租户", "tenant")
        return tenant

    async def create_account(self, caller: Caller, request: pb.CreateAccountRequest) -> Account:
        """Adds a cloud account of a provider that a plugin serves."""
        tenant = caller.parent(request.parent)
        await self._core.require_provider(request.account.provider, "account.provider")
        account = Account()
        account.CopyFrom(request.account)
        account.name = f"{request.parent}/accounts/{request.account_id or self._core.ids.new()}"
        caller.parse(account.name, "tenants/{}/accounts/{}", "account_id")
        account.submission_channel = account.submission_channel or CHANNEL_CONSOLE
        _check_account(account)
        account.create_time.FromDatetime(self._core.clock.now())
        key = self._core.request_key(caller, tenant, "CreateAccount", request)
        return await self._core.store.put_account(account, key)

    async def get_account(self, caller: Caller, request: pb.GetAccountRequest) -> Account:
        """The account."""
        caller.parse(request.name, "tenants/{}/accounts/{}")
        return await self._core.account(request.name, "name")

    async def list_accounts(self, caller: Caller, request: pb.ListAccountsRequest) -> pb.ListAccountsResponse:
        """A page of accounts, in order of creation."""
        tenant = caller.parent(request.parent)
        accounts = await self._core.store.list_accounts(
            tenant, after=paging.after(request), limit=paging.size(request.page_size)
        )
        token = paging.next_token(request, len(accounts), names.last(accounts[-1].name) if accounts else "")
        return pb.ListAccountsResponse(accounts=accounts, next_page_token=token)

    async def create_api_key(self, caller: Caller, request: pb.CreateApiKeyRequest) -> pb.CreateApiKeyResponse:
        """Makes a key; only its digest is kept."""
        tenant = caller.parent(request.parent)
        if request.api_key.role not in set(pb.Role.values()) - {pb.ROLE_UNSPECIFIED}:
            raise refused(
                ErrorKind.INVALID,
                "ROLE_REQUIRED",
                "api_key.role",
                "缺少角色，或角色未知",
                "the key has no role, or an unknown one",
                "请选择 Role 中的一个值。 / Choose one of Role.",
            )
        if caller.customer and request.api_key.customer != caller.customer:
            raise refused(
                ErrorKind.PERMISSION,
                "FOREIGN_CUSTOMER",
                "api_key.customer",
                "该 API 密钥只限于一个客户",
                "the API key is limited to one customer",
                (
                    "请将新密钥限定于同一客户，或使用租户的密钥。 / "
                    "Limit the new key to the same customer, or use a key of the tenant."
                ),
            )
        return await self.make_api_key(tenant, request.api_key.role, request.api_key.customer)

    async def make_api_key(self, tenant: str, role: pb.Role.ValueType, customer: str) -> pb.CreateApiKeyResponse:
        """Makes and keeps a key of the tenant."""
        secret = _SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        key = pb.ApiKey(name=f"tenants/{tenant}/apiKeys/{self._core.ids.new()}", role=role, customer=customer)
        key.create_time.FromDatetime(self._core.clock.now())
        await self._core.store.put_api_key(key, _digest(secret))
        return pb.CreateApiKeyResponse(api_key=key, secret=secret)

    async def list_api_keys(self, caller: Caller, request: pb.ListApiKeysRequest) -> pb.ListApiKeysResponse:
        """A page of keys, without their secrets."""
        tenant = caller.parent(request.parent)
        keys = await self._core.store.list_api_keys(
            tenant, after=paging.after(request), limit=paging.size(request.page_size)
        )
        token = paging.next_token(request, len(keys), names.last(keys[-1].name) if keys else "")
        return pb.ListApiKeysResponse(api_keys=keys, next_page_token=token)

    async def revoke_api_key(self, caller: Caller, request: pb.RevokeApiKeyRequest) -> ApiKey:
        """Ends a key's use."""
        tenant, key_id = caller.parse(request.name, "tenants/{}/apiKeys/{}")
        key = await self._core.store.revoke_api_key(tenant, key_id, self._core.clock.now())
        if key is None:
            raise not_found("name", "API 密钥", "api key")
        return key

    async def register_plugins(self, plugins: Sequence[Plugin]) -> None:
        """An engine says which plugins it has; for the engine, not for callers.

        Rules that a distribution brought before and does not bring any more cease to hold.
        """
        gone = _without_rules(await self._core.store.plugins(), plugins)
        await self._core.store.put_plugins([*plugins, *gone])
        self._core.forget_catalog()

    async def list_plugins(self, _caller: Caller, request: pb.ListPluginsRequest) -> pb.ListPluginsResponse:
        """A page of plugins, by name."""
        first, limit = paging.after(request), paging.size(request.page_size)
        plugins = sorted(await self._core.store.plugins(), key=lambda plugin: plugin.name)
        page = [p for p in plugins if names.last(p.name) > first][:limit]
        token = paging.next_token(request, len(page), names.last(page[-1].name) if page else "")
        return pb.ListPluginsResponse(plugins=page, next_page_token=token)

    async def get_plugin(self, _caller: Caller, request: pb.GetPluginRequest) -> Plugin:
        """The plugin."""
        names.parse(request.name, "plugins/{}", "name")
        found = next((p for p in await self._core.store.plugins() if p.name == request.name), None)
        if found is None:
            raise not_found("name", "插件", "plugin")
        return found

    async def enable_plugin(self, _caller: Caller, request: pb.EnablePluginRequest) -> Plugin:
        """Offers its tasks again."""
        return await self._set_enabled(request.name, enabled=True)

    async def disable_plugin(self, _caller: Caller, request: pb.DisablePluginRequest) -> Plugin:
        """Offers none of its tasks; they wait."""
        return await self._set_enabled(request.name, enabled=False)

    async def _set_enabled(self, name: str, *, enabled: bool) -> Plugin:
        (plugin_id,) = names.parse(name, "plugins/{}", "name")
        if await self._core.store.count_tenants() > 1:
            raise refused(
                ErrorKind.PRECONDITION,
                "PLUGIN_SHARED",
                "name",
                "该插件由多个租户共用，不能由其中一个停用或启用",
                "several tenants share the plugin, and none of them may switch it for the others",
                (
                    "请由运维人员在引擎配置的 engine.deny 中列出。 / "
                    "Whoever runs the deployment names it in the engine's configuration, under engine.deny."
                ),
            )
        plugin = await self._core.store.set_plugin_enabled(plugin_id, enabled=enabled)
        if plugin is None:
            raise not_found("name", "插件", "plugin")
        self._core.forget_catalog()
        return plugin

    def audit_records(self, caller: Caller, request: pb.AuditRecordsRequest) -> AsyncIterator[pb.AuditRecordsResponse]:
        """Compares each record of the tenant with the fold of its events."""
        return audit(self._core.store, caller.parent(request.parent))


def _without_rules(known: Iterable[Plugin], seen: Sequence[Plugin]) -> list[Plugin]:
    """Those known to bring rules that their distribution, which is among the seen, does not bring any more."""
    names_seen = {plugin.name for plugin in seen}
    distributions = {plugin.distribution for plugin in seen} - {""}
    gone = [p for p in known if p.rule_pack and p.distribution in distributions and p.name not in names_seen]
    for plugin in gone:
        plugin.state = Plugin.STATE_QUARANTINED
        plugin.reason = f"{plugin.distribution} does not bring it any more"
        plugin.ClearField("rule_pack")
    return gone


def _check_account(account: Account) -> None:
    """Raises INVALID with everything that would keep the account from ever working."""
    by_api = account.submission_channel == CHANNEL_API
    url = urlsplit(account.endpoint)
    findings = []
    if account.submission_channel not in (CHANNEL_API, CHANNEL_CONSOLE):
        findings.append(
            blocker(
                "SUBMISSION_CHANNEL_INVALID",
                "account.submission_channel",
                "提交渠道只能是 API 或 CONSOLE",
                "an account submits over API or CONSOLE",
                (
                    "只有已开通合作伙伴 API 的账号才能使用 CHANNEL_API。 / "
                    "Use CHANNEL_API only for an account whose partner API is open to it."
                ),
            )
        )
    if (by_api or account.endpoint) and (url.scheme not in ("http", "https") or not url.hostname):
        findings.append(
            blocker(
                "ENDPOINT_INVALID",
                "account.endpoint",
                "接口地址应为 http 或 https 网址",
                "must be an http or https address",
                "请从接入商文档中复制接口地址。 / Copy the endpoint from the provider's documentation.",
            )
        )
    if by_api and not account.credential:
        findings.append(
            blocker(
                "CREDENTIAL_REQUIRED",
                "account.credential",
                "API 账号须指明密钥名称",
                "an account over the API names a credential",
                "请填写引擎已配置的凭证名称。 / Name one of the engine's credentials.",
            )
        )
    if account.max_concurrency < 0:
        findings.append(
            blocker(
                "MAX_CONCURRENCY_NEGATIVE",
                "account.max_concurrency",
                "并发数不能为负",
                "cannot be negative",
                "使用插件自身的上限请填 0。 / Use 0 for the plugin's own limit.",
            )
        )
    if findings:
        raise BeianhubError(ErrorKind.INVALID, findings[0].code, findings)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
