"""The pictures in saved states, as other processes get them."""

import base64
import json

import pytest

from engine.errors import SavedStateError
from engine.ssm.file import Header, StateWriter
from engine.ssm.pictures import main, read_picture

PNG = b"\x89PNG\r\n\x1a\npicture"


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "a.sav"
    with StateWriter(str(path), Header()) as writer:
        writer.add("cpu/0", 1, b"cpu")
        writer.add("screenshot", 1, PNG)
        writer.add("ram", 1, bytes(4096))
        writer.add("late", 1, PNG)
        writer.commit()
    return path


def test_a_picture_is_found_and_memory_is_not_read_for_it(state):
    assert read_picture(str(state), "screenshot") == PNG
    assert read_picture(str(state), "thumbnail") == b""
    assert read_picture(str(state), "late") == b""


def test_what_is_no_saved_state_is_refused(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("text")
    with pytest.raises(SavedStateError, match="is not a saved state"):
        read_picture(str(file), "screenshot")


def test_answers_are_one_json_object(state, tmp_path, capfdbinary):
    assert main([str(state), "screenshot"]) == 0
    answer = json.loads(capfdbinary.readouterr().out)
    assert base64.b64decode(answer["result"]) == PNG
    assert main([str(tmp_path / "none.sav"), "screenshot"]) == 1
    error = json.loads(capfdbinary.readouterr().out)["error"]
    assert error["message"].endswith("none.sav' cannot be read: No such file or directory.")
    state.write_bytes(state.read_bytes()[:30])
    assert main([str(state), "screenshot"]) == 1
    assert "damaged" in json.loads(capfdbinary.readouterr().out)["error"]["message"]
