"""``python -m beianhub_cli`` is the ``beianhub`` command."""

from beianhub_cli.main import main

if __name__ == "__main__":
    main()
