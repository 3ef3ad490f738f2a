"""What the gateway and the engine call."""
