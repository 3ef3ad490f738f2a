"""The tencent provider plugin of beianhub."""
