"""The beianhub command: it composes gateway, engine and sandbox, and talks to a running one."""
