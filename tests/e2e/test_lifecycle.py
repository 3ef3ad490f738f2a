"""One process from its start to its end: discovery, health, plugins, configuration."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from rehearsal.processes import beianhub
from rehearsal.world import VENDORS, World, world

from beianhub.resources.v1 import resources_pb2 as res

BROKEN = "import no_such_module_anywhere\n"
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


def distribution(folder: Path, name: str, source: str) -> None:
    """A distribution with one plugin, as it lies in site-packages."""
    (folder / f"{name}_module.py").write_text(source, encoding="utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[beianhub.plugins]\n{name} = {name}_module\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A deployment with two strange plugins: one that is trusted and broken, and one that nobody trusts."""
    folder = tmp_path_factory.mktemp("strangers")
    distribution(folder, "broken", BROKEN)
    distribution(folder, "stranger", "raise AssertionError('nobody trusts it, so it is not imported')\n")
    trusted = [*VENDORS, "verification", "broken"]
    with world(
        tmp_path_factory.mktemp("lifecycle"),
        trusted=trusted,
        drain=1.5,
        environment={"PYTHONPATH": str(folder)},
    ) as running:
        yield running


def test_a_client_without_our_files_finds_every_service(made: World) -> None:
    """Reflection lists the services, as grpcurl asks for them."""
    stub = reflection_pb2_grpc.ServerReflectionStub(made.api.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="*")
    (answer,) = stub.ServerReflectionInfo(iter([asked]), timeout=60)
    found = {service.name for service in answer.list_services_response.service}
    services = ("Subject", "Order", "Access", "Document", "Task", "Admin")
    assert found >= {f"beianhub.filing.v1.{name}Service" for name in services} | {"grpc.health.v1.Health"}


def listed(made: World) -> dict[str, Any]:
    """What `plugin list` shows, by the plugin's id."""
    done = beianhub("plugin", "list", *made.config, "-o", "json")
    assert done.returncode == 0, done.stderr
    return {plugin["name"].rpartition("/")[2]: plugin for plugin in json.loads(done.stdout)["plugins"]}


def test_plugins_are_listed_with_their_channels(made: World) -> None:
    """Three providers with the channel of each operation and order type; verifiers with what they verify."""
    plugins = listed(made)
    types = {f"ORDER_TYPE_{name}" for name in ("FIRST_FILING", "ADD_ACCESS", "CANCEL_ACCESS")}
    for vendor in VENDORS:
        assert plugins[vendor]["state"] == "STATE_READY"
        offers = {(one["operation"], one["order_type"]): one for one in plugins[vendor]["capabilities"]}
        assert {kind for operation, kind in offers if operation == "OPERATION_SUBMIT"} >= types
        assert all(one["channel"].startswith("CHANNEL_") and one["source"] for one in offers.values())
    verified = {plugin.get("verification") for plugin in plugins.values() if plugin["kind"] == "KIND_VERIFIER"}
    assert verified == set(res.VerificationKind.keys()[1:])


def test_a_broken_plugin_stops_nobody(made: World) -> None:
    """It is shown quarantined with its reason, an untrusted one too; and a filing goes on to its end beside them."""
    plugins = listed(made)
    assert plugins["broken"]["state"] == plugins["stranger"]["state"] == "STATE_QUARANTINED"
    assert "no_such_module_anywhere" in plugins["broken"]["reason"]
    assert "trusted" in plugins["stranger"]["reason"]
    made.draft("beside", "aliyun", made.subject(1))
    made.submit("beside")
    made.api.until_state("beside", res.ORDER_STATE_FILED)


def test_two_processes_do_not_share_a_port(made: World) -> None:
    """A second `beianhub up` on a taken port ends with an error that says so, and the first goes on."""
    second = beianhub("gateway", *made.config)
    assert second.returncode != 0
    assert "Traceback" not in second.stderr
    assert made.api.listed()


def test_the_end_is_announced_before_connections_close(made: World) -> None:
    """SIGTERM: a watch of the health sees NOT_SERVING while calls are still answered; then exit code 0."""
    stub = health_pb2_grpc.HealthStub(made.api.channel)
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=""))
    assert next(watch).status == SERVING
    ready = f"http://{made.said['http']}/health/ready"
    assert httpx.get(ready, trust_env=False).status_code == 200
    made.running.process.send_signal(signal.SIGTERM)
    assert next(watch).status == NOT_SERVING
    assert made.api.listed()
    assert httpx.get(ready, trust_env=False).status_code == 503
    with pytest.raises(grpc.RpcError):
        list(watch)
    assert made.running.wait(60) == 0


def test_every_mistake_of_the_configuration_is_named_at_once(tmp_path: Path) -> None:
    """Exit code 2, a line for each mistake with its key and its variable; nothing of a secret, and nothing begins."""
    file = tmp_path / "beianhub.toml"
    text = f"""
data_dir = "{tmp_path / "data"}"
colour = "red"
[store]
url = "mysql://somewhere"
[bus]
url = "carrier-pigeon://"
[gateway]
listen = "nonsense"
[engine]
lease_seconds = -1
[credentials.tencent]
access_key_id = "AKID"
access_key_secret = "very-secret"
access_key_secret_file = "twice"
"""
    file.write_text(text, encoding="utf-8")
    more = {"BEIANHUB_LOG__LEVEL": "loud"}
    refused = beianhub("up", "--config", str(file), more=more)
    assert refused.returncode == 2
    assert refused.stdout == ""
    for key in (
        "colour", "store.url", "bus.url", "gateway.listen", "engine.lease_seconds", "credentials.tencent", "log.level",
    ):  # fmt: skip
        assert key in refused.stderr
    assert "BEIANHUB_STORE__URL" in refused.stderr
    assert "very-secret" not in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_strict_deployment_refuses_to_begin_with_a_broken_plugin(tmp_path: Path) -> None:
    """With engine.strict_plugins a trusted plugin that cannot be loaded ends the start with its reason."""
    distribution(tmp_path, "broken", BROKEN)
    file = tmp_path / "beianhub.toml"
    listen = 'listen = "127.0.0.1:0"\nhttp_listen = "127.0.0.1:0"\n'
    engine = '[engine]\nstrict_plugins = true\ntrusted = ["broken"]\n'
    file.write_text(f'data_dir = "{tmp_path / "data"}"\n[gateway]\n{listen}{engine}', encoding="utf-8")
    refused = beianhub("up", "--config", str(file), more={"PYTHONPATH": str(tmp_path)})
    assert refused.returncode == 1
    assert "no_such_module_anywhere" in refused.stderr
    assert "Traceback" not in refused.stderr
