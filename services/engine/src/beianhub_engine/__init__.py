"""What runs behind the gateway: relay, plugin host and scheduler."""
