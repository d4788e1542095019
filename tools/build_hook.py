"""Compiles the languages of the user interface when a wheel is built (a hook of hatchling's)."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TranslationsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes the ``.qm`` files that go into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every language; called by hatchling before it collects files."""
        sys.path.insert(0, self.root)
        from tools.qm import compile_file

        for path in Path(self.root, "resources", "translations").glob("*.ts"):
            compile_file(path)
