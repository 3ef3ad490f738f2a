"""The bus: its port, the embedded one and the one on Kafka."""

from beianhub_core.bus.opening import open_bus

__all__ = ["open_bus"]
