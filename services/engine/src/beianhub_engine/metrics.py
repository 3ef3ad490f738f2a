"""What Prometheus can ask the engine; labels are bounded: never a tenant, an order or a domain."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

TASKS: Final = Counter("beianhub_tasks_total", "Outcomes of tasks.", ["kind", "outcome"])
CALL_SECONDS: Final = Histogram("beianhub_plugin_call_seconds", "Duration of guarded calls of plugins.", ["plugin"])
CIRCUIT_OPEN: Final = Gauge("beianhub_plugin_circuit_open", "1 while calls of a plugin are held back.", ["plugin"])
STALE_REPORTS: Final = Counter("beianhub_stale_reports_total", "Outcomes that came after their claim's end.")
RELAY_LEADING: Final = Gauge("beianhub_relay_leading", "1 while this process publishes.")
RELAY_AGE: Final = Gauge("beianhub_relay_oldest_seconds", "Age of the oldest event that is to be published.")
CONSUMER_LAG: Final = Gauge("beianhub_consumer_lag_events", "Events that this process has not consumed yet.")
RESTARTS: Final = Counter("beianhub_engine_role_restarts_total", "Crashes of a part of the engine.", ["role"])
