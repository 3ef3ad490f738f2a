"""Three vendor-style filing systems and the one regulator behind them, over HTTP, for training and tests."""
