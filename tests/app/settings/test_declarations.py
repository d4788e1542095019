"""Every declared setting is exercised: stored and read again in files of several versions."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.settings.declare import Field, Items, NameValues, Setting, Special, fields_of
from app.settings.installation import GlobalSettings
from app.settings.machine_file import MachineFile
from app.settings.model import HardwareSettings, MachineSettings
from app.settings.plan import shares_element
from tests.app.settings import examples
from tests.app.settings.plain import plain_settings

SOME_UUID = "cccccccc-0000-0000-0000-000000000009"

SPECIAL_VALUES: dict[str, Any] = {
    "boot_order": ["DVD", "Network", "None", "None"],
    "properties": {"TCP/Ports": "5000"},
    "groups": ["/a/b"],
    "attachment": "Internal",
    "hotpluggable": True,
    "medium": SOME_UUID,
    "host_drive": "/dev/sr0",
    "ide_emulation": [3, 2, 1, 0],
    "max_bytes_per_sec": 123_456,
    "type": "Immutable",
}


def other_value(field: Field) -> Any:
    """Return a value that is not the default of a field."""
    record = field.declaration
    if isinstance(record, Special) and field.name in SPECIAL_VALUES:
        return SPECIAL_VALUES[field.name]
    if isinstance(record, NameValues):
        return {"key": "värde"}
    if isinstance(record, Setting):
        if field.type is bool:
            return not field.default
        if field.type is int:
            number = 0 if field.default is msgspec.NODEFAULT else field.default
            return number + 1 if record.le is None or number < record.le else number - 1
        if field.type is dt.datetime:
            return dt.datetime(2021, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
        if record.form == "uuid":
            return SOME_UUID
        if record.choices is not None:
            words = [word.value for word in record.choices if word.value != field.default]
            return words[0]
        return 'o"<ther> & &amp;'
    if field.item is not None:
        item: Any = changed(field.item)
        if field.type is field.item:
            return item
        return [item]
    raise AssertionError(f"no other value for {field.name}")


def changed(cls: type[msgspec.Struct]) -> Any:
    """Return a structure with no field at its default."""
    values: dict[str, Any] = {field.name: other_value(field) for field in fields_of(cls)}
    if cls.__name__ == "StorageController":
        values["type"] = "AHCI"
    return cls(**values)


def all_fields(cls: type[msgspec.Struct], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each field of a structure, going into groups but not into lists."""
    for field in fields_of(cls):
        is_group = field.item is not None and field.type is field.item
        if is_group and not isinstance(field.declaration, Items | Special):
            yield from all_fields(field.item, (*path, field.name))
        else:
            yield (*path, field.name)


PATHS = list(all_fields(MachineSettings))


def set_other(settings: Any, path: tuple[str, ...]) -> None:
    for name in path[:-1]:
        settings = getattr(settings, name)
    cls: type[msgspec.Struct] = type(settings)
    field = next(each for each in fields_of(cls) if each.name == path[-1])
    value = other_value(field)
    setattr(settings, path[-1], field.default if value == getattr(settings, path[-1]) else value)


@pytest.mark.parametrize("version", ["1.7", "1.12", "1.17", "1.19", "1.20"])
def test_each_setting_alone(tmp_path: Path, version: str) -> None:
    text = examples.machine(f"{version}-linux")
    for number, path in enumerate(PATHS):
        name = tmp_path / f"{number}.vbox"
        name.write_text(text)
        file = MachineFile.load(str(name))
        set_other(file.settings, path)
        assert file.save(), f"{path} was not written"
        assert MachineFile.load(str(name)).settings == file.settings, path


@pytest.mark.parametrize("version", ["1.7", "1.12", "1.17", "1.19", "1.20"])
def test_all_settings_together_and_back(tmp_path: Path, version: str) -> None:
    name = tmp_path / "box.vbox"
    name.write_text(examples.machine(f"{version}-linux"))
    file = MachineFile.load(str(name))
    before = msgspec.convert(msgspec.to_builtins(file.settings), MachineSettings)
    for path in PATHS:
        set_other(file.settings, path)
    file.save()
    assert MachineFile.load(str(name)).settings == file.settings
    assert file.save() is False
    file.settings = before
    file.save()
    assert MachineFile.load(str(name)).settings == before


def test_every_setting_has_a_place_and_a_valid_default() -> None:
    pending: list[type[msgspec.Struct]] = [MachineSettings, GlobalSettings]
    seen = set()
    while pending:
        cls = pending.pop()
        if cls in seen:
            continue
        seen.add(cls)
        for field in fields_of(cls):
            record = field.declaration
            assert record.places or isinstance(record, Special) or shares_element(field), field.name
            if isinstance(record, Setting) and field.default is not msgspec.NODEFAULT:
                if record.ge is not None and record.le is not None:
                    assert record.ge <= field.default <= record.le, field.name
                if record.choices is not None:
                    assert field.default in list(record.choices), field.name
            if field.item is not None:
                pending.append(field.item)
    assert len(seen) > 20


def test_options_are_unique() -> None:
    options = [field.declaration.cli for field in walk(HardwareSettings) if field.declaration.cli]
    assert len(options) == len(set(options))


def walk(cls: type[msgspec.Struct]) -> Iterator[Field]:
    for field in fields_of(cls):
        yield field
        if field.item is not None:
            yield from walk(field.item)


def test_settings_travel_as_msgpack_and_json() -> None:
    settings = plain_settings("box", "Debian_64")
    settings.snapshots = [changed(type_of("snapshots"))]
    for codec in (msgspec.msgpack, msgspec.json):
        assert codec.decode(codec.encode(settings), type=MachineSettings) == settings


def type_of(name: str) -> Any:
    return next(field.item for field in fields_of(MachineSettings) if field.name == name)


def test_out_of_range_is_refused_when_it_travels() -> None:
    settings = plain_settings("box")
    settings.hardware.memory_mb = 3
    with pytest.raises(msgspec.ValidationError, match=r"memory_mb"):
        msgspec.msgpack.decode(msgspec.msgpack.encode(settings), type=MachineSettings)


def test_the_model_imports_neither_xml_nor_engine_nor_qt() -> None:
    code = (
        "import sys, app.settings.model, app.settings.paths, app.settings.errors\n"
        "heavy = [n for n in sys.modules if n.split('.')[0] in "
        "('lxml', 'engine', 'PySide6', 'numpy', 'platformdirs', 'tomllib')]\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
