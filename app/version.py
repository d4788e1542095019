"""The version of this program."""

import tomllib
from pathlib import Path
from typing import Final

DISTRIBUTION: Final = "vitrine"
UNKNOWN: Final = "unknown"

_PROJECT_FILE = Path(__file__).parents[1] / "pyproject.toml"


def version() -> str:
    """Return the version of the source tree that runs, else of the installed distribution.

    The tree comes first: what is installed beside it may be another version.
    """
    try:
        project = tomllib.loads(_PROJECT_FILE.read_text(encoding="utf-8"))["project"]
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        # Not run from a tree.
        project = {}
    if project.get("name") == DISTRIBUTION and "version" in project:
        return str(project["version"])
    from importlib import metadata

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return UNKNOWN
