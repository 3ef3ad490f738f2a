"""The pure filing domain of beianhub, with its store, bus and vault: a library, no process."""
