"""The huawei provider plugin of beianhub."""
