"""``python -m app.shell``: the interactive shell."""

import sys

from app.shell.main import main

if __name__ == "__main__":
    sys.exit(main())
