"""The aliyun provider plugin of beianhub."""
