import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from app import version as module

PROJECT = Path(module.__file__).parents[1] / "pyproject.toml"


def test_a_source_tree_knows_its_version():
    assert module.version() == tomllib.loads(PROJECT.read_text())["project"]["version"]


@pytest.mark.parametrize("content", [None, "not = [toml", "[project]", '[project]\nname = "x"'])
def test_outside_of_it_the_distribution_tells(content, tmp_path, monkeypatch):
    file = tmp_path / "pyproject.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setattr(module, "_PROJECT_FILE", file)
    monkeypatch.setattr(metadata, "version", lambda name: f"1.2 of {name}")
    assert module.version() == "1.2 of vitrine"

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert module.version() == module.UNKNOWN
