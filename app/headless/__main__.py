"""``python -m app.headless``: the same as ``vitrine-headless``."""

import sys

from app.headless.main import main

if __name__ == "__main__":
    sys.exit(main())
