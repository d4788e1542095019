"""The reference pages are those that the declarations give, and they say something."""

from __future__ import annotations

import re

import pytest

from app.api.events import Event
from app.api.schema import METHODS
from app.settings.declare import Setting, fields_of
from app.settings.model import MachineSettings
from tests.source_tree import ROOT
from tools import docs, docstrings

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return docs.pages()


def test_pages_are_up_to_date(made):
    assert docs.stale(made) == [], "run `make docs`"


def test_every_method_and_event_has_a_section(made):
    for method in METHODS.values():
        interface, _, name = method.name.partition(".")
        assert f"## {name}\n" in made[f"api/{interface}.md"], method.name
    for event in Event.registry:
        assert f"## {event}\n" in made["api/events.md"]


def test_links_lead_somewhere(made):
    for name, text in made.items():
        for path, anchor in _LINK.findall(text):
            target = ((ROOT / "docs" / name).parent / path).resolve() if path else ROOT / "docs" / name
            relative = str(target.relative_to(ROOT / "docs")) if target.is_relative_to(ROOT / "docs") else ""
            assert relative in made or target.exists(), (name, path)
            if anchor and relative in made:
                headings = re.findall(r"^#+ (.*)$", made[relative], re.MULTILINE)
                known = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert anchor[1:] in known, (name, path, anchor)


def test_settings_show_option_place_range_and_defaults_by_version(made):
    text = made["settings.md"]
    for field in fields_of(MachineSettings):
        if isinstance(field.declaration, Setting):
            assert f"| `{field.name}` |" in text
    rows = [row for row in text.splitlines() if "--paravirt-provider" in row]
    assert any("1.16: `Default`" in row for row in rows), rows
    assert re.search(r"\| `count` \|.*`--cpus`.*1 to 64.*`1` \|", text)
    assert re.search(r"\| `execution_cap` \|.*\*hot\*.*`--cpu-execution-cap`.*1 to 100 %", text)


def test_docstrings_are_taken_apart():
    parsed = docstrings.parse(
        """Put ``a`` into :class:`app.api.Client`.

        More of it.

        Args:
            a: What is put,
                on two lines.
            b: Another.

        Returns:
            Nothing
            much.

        Raises:
            ApiError: ``E_FAIL``: always.
        """
    )
    assert parsed.summary == "Put `a` into `Client`."
    assert parsed.body == "More of it."
    assert parsed.items["Args"] == {"a": "What is put, on two lines.", "b": "Another."}
    assert parsed.returns == "Nothing much."
    assert parsed.items["Raises"] == {"ApiError": "`E_FAIL`: always."}


def test_a_page_that_was_changed_or_is_left_over_is_told(made, tmp_path, monkeypatch):
    monkeypatch.setattr(docs, "DOCS", tmp_path)
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    (tmp_path / "api" / "machine.md").write_text("x")
    (tmp_path / "api" / "gone.md").write_text("x")
    assert docs.stale(made) == ["api/machine.md", "api/gone.md"]
    assert docs.main([]) == 0
    assert docs.stale(made) == []
