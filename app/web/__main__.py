"""``python -m app.web``: the web service."""

import sys

from app.web.main import main

if __name__ == "__main__":
    sys.exit(main())
