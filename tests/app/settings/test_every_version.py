"""Files of each version of the format, full of settings: unchanged, changed, raised."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.settings.codec import decode, encode
from app.settings.declare import Field, NameValues, Setting, fields_of
from app.settings.document import Document
from app.settings.errors import SettingsError
from app.settings.model import MachineSettings
from tests.app.settings import examples
from tests.app.settings.test_declarations import PATHS, set_other

VERSIONS = range(7, 21)
UNKNOWN = '      <FutureThing a="b"><!-- of a person --><Deeper>text</Deeper></FutureThing>\n'


def document(minor: int, hardware: str = "", platform: str = "linux") -> Document:
    text = examples.machine(f"1.{minor}-{platform}", hardware=hardware)
    return Document.parse("box.vbox", text.encode())


def loaded(doc: Document) -> MachineSettings:
    return decode(doc, MachineSettings, "Machine")


def stored(doc: Document, value: MachineSettings) -> Document:
    raw = encode(doc, value, "Machine", new=False).document.serialize()
    return Document.parse("box.vbox", raw)


def needed(path: tuple[str, ...]) -> int:
    """The version to which a change of this setting raises the oldest file."""
    doc = document(min(VERSIONS))
    value = loaded(doc)
    set_other(value, path)
    return stored(doc, value).version.minor


@pytest.fixture(scope="module")
def full_documents() -> dict[int, Document]:
    """Files of each version with every setting that they can hold without being raised."""
    versions = {path: needed(path) for path in PATHS}
    documents = {}
    for minor in VERSIONS:
        doc = document(minor, UNKNOWN)
        value = loaded(doc)
        for path in PATHS:
            if versions[path] <= minor:
                set_other(value, path)
        documents[minor] = stored(doc, value)
        assert documents[minor].version.minor == minor
        assert loaded(documents[minor]) == value
    return documents


@pytest.mark.parametrize("minor", VERSIONS)
def test_a_full_file_is_unchanged(minor: int, full_documents: dict[int, Document]) -> None:
    doc = full_documents[minor]
    encoded = encode(doc, loaded(doc), "Machine", new=False)
    assert (encoded.changed, encoded.raised) == (False, False)
    assert encoded.document.serialize() == doc.original


@pytest.mark.parametrize("minor", VERSIONS)
def test_what_is_unknown_survives_a_raise(
    minor: int, full_documents: dict[int, Document]
) -> None:
    doc = full_documents[minor]
    value = loaded(doc)
    value.execution_engine = "HwVirt"
    raised = stored(doc, value)
    assert raised.version.minor == 20
    assert loaded(raised) == value
    assert UNKNOWN in raised.serialize().decode()


def test_more_settings_fit_into_newer_files(full_documents: dict[int, Document]) -> None:
    sizes = [len(full_documents[minor].original) for minor in (7, 11, 15, 19, 20)]
    assert sizes == sorted(sizes)
    assert b"<Platform" not in full_documents[19].original
    assert b"<BIOS" not in full_documents[20].original


@pytest.mark.parametrize("platform", ["windows", "macosx", "freebsd", "solaris", "os2", "netbsd"])
def test_the_platform_stays_unless_the_version_is_raised(platform: str) -> None:
    doc = document(16, platform=platform)
    value = loaded(doc)
    value.description = "changed"
    assert str(stored(doc, value).version) == f"1.16-{platform}"


@pytest.mark.parametrize("minor", [21, 22, 99])
def test_newer_files_are_tolerated(minor: int) -> None:
    doc = document(minor, '      <Display VRAMSize="9" new="1"/>\n' + UNKNOWN)
    value = loaded(doc)
    assert value.hardware.display.vram_mb == 9
    value.hardware.memory_mb = 100
    changed = stored(doc, value)
    assert changed.version.minor == minor
    assert b'new="1"' in changed.serialize()


# --- random settings ----------------------------------------------------------------------------

TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cn", "Cc"]),
    max_size=12,
)


def value_of(field: Field) -> st.SearchStrategy[object] | None:
    """Strategy for the values of a field, ``None`` for those that need a context."""
    record = field.declaration
    if isinstance(record, NameValues):
        return st.dictionaries(TEXT.filter(bool), TEXT, max_size=3)
    if not isinstance(record, Setting) or record.form == "uuid":
        return None
    if field.type is bool:
        return st.booleans()
    if field.type is int:
        return st.integers(record.ge, record.le)
    if field.type is str and record.choices is not None:
        return st.sampled_from([word.value for word in record.choices])
    return TEXT if field.type is str else None


def single_values() -> list[tuple[tuple[str, ...], st.SearchStrategy[object]]]:
    found = []
    for path in PATHS:
        cls: type[msgspec.Struct] = MachineSettings
        for name in path:
            field = next(each for each in fields_of(cls) if each.name == name)
            cls = field.item or cls
        strategy = value_of(field)
        if strategy is not None and path != ("name",):
            found.append((path, strategy))
    return found


CHANGES = st.lists(
    st.sampled_from(single_values()).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), pair[1])
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(7, 22), CHANGES, CHANGES)
def test_random_settings_survive_two_round_trips(
    minor: int,
    first: list[tuple[tuple[str, ...], object]],
    second: list[tuple[tuple[str, ...], object]],
) -> None:
    doc = document(minor, UNKNOWN)
    for changes in (first, second):
        value = loaded(doc)
        for path, new in changes:
            owner = value
            for name in path[:-1]:
                owner = getattr(owner, name)
            setattr(owner, path[-1], new)
        doc = stored(doc, value)
        assert loaded(doc) == value
        again = encode(doc, value, "Machine", new=False)
        assert again.changed is False
    assert UNKNOWN in doc.serialize().decode()


DAMAGE = st.sampled_from(
    ["", "x", "-1", "{}", "1e9", "true", "\u00e9", "99999999999999999999", "0x", "None", " 1 "]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(examples.ALL)), st.integers(0, 200), DAMAGE)
def test_any_value_may_be_damaged(name: str, which: int, text: str) -> None:
    """Every attribute in turn is given a value that it may not have."""
    doc = Document.parse("box.vbox", examples.ALL[name].encode())
    attributes = [(each, key) for each in doc.root.iter() for key in each.attrib]
    element, key = attributes[which % len(attributes)]
    element.set(key, text)
    try:
        damaged = Document.parse("box.vbox", doc.serialize())
        value = loaded(damaged)
    except SettingsError as error:
        sentence = str(error)
    else:
        assert loaded(stored(damaged, value)) == value
        return
    assert sentence.startswith("box.vbox")
