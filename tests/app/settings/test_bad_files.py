"""Files that cannot be used: typed errors that name the file, the line and the fact."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings.codec import decode
from app.settings.document import Document
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.machine_file import MachineFile
from app.settings.model import MachineSettings
from tests.app.settings import examples

MACHINE = examples.machine


def error_of(text: str | bytes) -> SettingsError:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(SettingsError) as caught:
        decode(Document.parse("/vms/box.vbox", raw), MachineSettings, "Machine")
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "fact"),
    [
        ("", 0, "the file is empty"),
        ("  \n", 0, "the file is empty"),
        ("<VirtualBox>\n<Machine>\n</VirtualBox>", 3, "not well-formed XML"),
        ("garbage", 1, "not well-formed XML"),
        ('<?xml version="1.0"?>\n<Domain/>', 2, "the outermost element is Domain"),
        ("<VirtualBox/>", 1, "version of the file format is missing"),
        ('<VirtualBox version="two"/>', 1, '"two" is not a version'),
        ('<VirtualBox version="1.3-linux"/>', 1, "version 1.3 of the file format is too old"),
        ('<VirtualBox version="1.12-linux"/>', 1, "element Machine is missing, found nothing"),
        ('<VirtualBox version="1.12"><Global/></VirtualBox>', 1, "Machine is missing, found Global"),
        ('<VirtualBox version="1.12"><Machine/></VirtualBox>', 1, "uuid of Machine is missing"),
        (MACHINE("1.12-linux").replace('RAMSize="64"', 'RAMSize="lots"'), 5,
         'attribute RAMSize of Memory is "lots", but a whole number is expected'),
        (MACHINE("1.12-linux").replace('RAMSize="64"', 'RAMSize="3"'), 5,
         "a number from 4 to 2097152 is expected"),
        (MACHINE("1.12-linux", hardware='<CPU count="65"/>'), 6, "a number from 1 to 64"),
        (MACHINE("1.12-linux", hardware='<CPU><PAE enabled="perhaps"/></CPU>'), 6,
         "true or false is expected"),
        (MACHINE("1.12-linux", attributes=' lastStateChange="yesterday"'), 3,
         "a time as YYYY-MM-DDThh:mm:ssZ is expected"),
        (MACHINE("1.12-linux").replace(examples.UUID, "none"), 3, "a UUID is expected"),
        (MACHINE("1.12-linux", hardware='<Boot><Order position="5" device="DVD"/></Boot>'), 6,
         "boot position 5 does not exist"),
    ],
)
def test_sentence(text: str, line: int, fact: str) -> None:
    error = error_of(text)
    assert error.code is SettingsErrorCode.XML_ERROR
    assert str(error).startswith("/vms/box.vbox")
    assert fact in str(error)
    assert error.line == line


BOMB = """<?xml version="1.0"?>
<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<VirtualBox version="1.12-linux"><Machine name="&b;"/></VirtualBox>"""


@pytest.mark.parametrize(
    "raw",
    [
        BOMB.encode(),
        BOMB.encode("utf-16"),
        BOMB.replace('"1.0"?', '"1.0" encoding="utf-7"?').encode().replace(b"<!D", b"+ADwAIQ-D"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><VirtualBox version="1.12-linux"/>',
        b"\0\0\0<\0\0\0?",
    ],
)
def test_document_types_and_their_disguises_are_refused(raw: bytes) -> None:
    assert error_of(raw).code is SettingsErrorCode.XML_ERROR


def test_a_comment_may_name_a_document_type() -> None:
    text = MACHINE("1.12-linux").replace("<Virt", "<!-- <!DOCTYPE --><Virt", 1)
    Document.parse("box.vbox", text.encode())


def test_deep_nesting_is_refused() -> None:
    deep = "<a>" * 3000 + "</a>" * 3000
    assert error_of(MACHINE("1.12-linux", hardware=deep)).code is SettingsErrorCode.XML_ERROR


def test_snapshots_may_be_250_deep_but_not_deeper() -> None:
    def nested(depth: int) -> str:
        text = ""
        for number in range(depth, 0, -1):
            uuid = f"bbbbbbbb-0000-0000-0000-{number:012}"
            inner = f"<Snapshots>{text}</Snapshots>" if text else ""
            text = (
                f'<Snapshot uuid="{{{uuid}}}" name="s" timeStamp="2020-01-01T00:00:00Z">'
                f'<Hardware><Memory RAMSize="4"/></Hardware>{inner}</Snapshot>'
            )
        return MACHINE("1.16-linux", rest=text)

    document = Document.parse("box.vbox", nested(250).encode())
    assert len(decode(document, MachineSettings, "Machine").snapshots) == 250
    assert "nested deeper than 250" in str(error_of(nested(251)))


def test_encrypted_machine() -> None:
    text = '<VirtualBox version="1.19-linux"><MachineEncrypted uuid="x"/></VirtualBox>'
    error = error_of(text)
    assert error.code is SettingsErrorCode.NOT_SUPPORTED
    assert "encrypted" in str(error)


def test_damaged_file_falls_back_to_the_save_before(tmp_path: Path) -> None:
    path = tmp_path / "box.vbox"
    path.write_text(MACHINE("1.12-linux"))
    file = MachineFile.load(str(path))
    file.settings.hardware.memory_mb = 100
    file.save()
    path.write_bytes(path.read_bytes()[:200])
    again = MachineFile.load(str(path))
    assert again.settings.hardware.memory_mb == 64
    assert "not well-formed" in again.warnings[0]
    assert f"{path}-prev" in again.warnings[0]
    assert again.save() is True
    assert MachineFile.load(str(path)).warnings == []
    # The damaged file is still there for who wants to rescue something from it.
    assert len((tmp_path / "box.vbox-prev").read_bytes()) == 200


def test_missing_file_falls_back_too(tmp_path: Path) -> None:
    (tmp_path / "box.vbox-prev").write_text(MACHINE("1.12-linux"))
    assert "missing" in MachineFile.load(str(tmp_path / "box.vbox")).warnings[0]


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"box\.vbox does not exist") as caught:
        MachineFile.load(str(tmp_path / "box.vbox"))
    assert caught.value.code is SettingsErrorCode.OBJECT_NOT_FOUND


def test_both_files_damaged(tmp_path: Path) -> None:
    (tmp_path / "box.vbox").write_text("<one")
    (tmp_path / "box.vbox-prev").write_text("<two")
    with pytest.raises(SettingsError, match=r"box\.vbox, line 1: "):
        MachineFile.load(str(tmp_path / "box.vbox"))


def test_folder_instead_of_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        MachineFile.load(str(tmp_path))
    assert caught.value.code is SettingsErrorCode.FILE_ERROR


def test_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "box.vbox"
    path.write_text(MACHINE("1.12-linux"))
    file = MachineFile.load(str(path))
    file.settings.hardware.memory_mb = 100

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left on device") as caught:
        file.save()
    assert caught.value.code is SettingsErrorCode.FILE_ERROR
    assert [entry.name for entry in tmp_path.iterdir()] == ["box.vbox"]
    monkeypatch.undo()
    assert file.save() is True


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda s: setattr(s, "name", "a\0b"), "U\\+0000"),
        (lambda s: setattr(s, "uuid", "nonsense"), "a UUID is expected"),
        (lambda s: s.extra_data.update({"k": "\x01"}), "U\\+0001"),
        (lambda s: setattr(s.hardware, "memory_mb", 3), "memory_mb"),
        (lambda s: setattr(s.hardware, "memory_mb", "64"), "memory_mb"),
        (lambda s: setattr(s.hardware.cpu, "count", 65), "count"),
    ],
)
def test_values_that_cannot_be_stored(tmp_path: Path, change: object, fact: str) -> None:
    path = tmp_path / "box.vbox"
    path.write_text(examples.V1_12, encoding="utf-8")
    file = MachineFile.load(str(path))
    assert callable(change)
    change(file.settings)
    with pytest.raises(SettingsError, match=fact) as caught:
        file.save()
    assert caught.value.code is SettingsErrorCode.INVALID_ARGUMENT
    assert path.read_text(encoding="utf-8") == examples.V1_12


TOKENS = st.sampled_from(
    ["<", ">", "/>", '"', "=", "&", "&#0;", "&#x1F600;", "<!--", "-->", "<![CDATA[", "<Machine",
     "</Machine>", "\0", "-1", "99999999999999999999999", "0x", "{", "}", "<Snapshot>", "é", " ",
     "<HardDisk>", "<AttachedDevice/>", "<Adapter/>", "xmlns=''", "<!DOCTYPE a>", "<?pi?>"]
)
EDITS = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 40), st.text(max_size=6) | TOKENS),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(examples.ALL)), EDITS)
def test_fuzz_edited_files(name: str, changes: list[tuple[int, int, str]]) -> None:
    text = examples.ALL[name]
    for start, length, new in changes:
        text = text[:start] + new + text[start + length :]
    sentence = "box.vbox"
    try:
        document = Document.parse("box.vbox", text.encode("utf-8", "surrogatepass"))
        decode(document, MachineSettings, "Machine")
    except SettingsError as error:
        sentence = str(error)
    assert sentence.startswith("box.vbox")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_fuzz_bytes(raw: bytes) -> None:
    with pytest.raises(SettingsError):
        decode(Document.parse("box.vbox", raw), MachineSettings, "Machine")
