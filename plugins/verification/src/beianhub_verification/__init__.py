"""The verification plugins of beianhub: what is checked before an order is sent, and what people do for it."""
