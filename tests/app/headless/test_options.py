"""Options of the program, and what it does when a guest does not shut down."""

from __future__ import annotations

import types

import pytest

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import events
from app.headless import main as headless
from app.headless.options import Capture, capture_of, parser
from app.settings.display import RecordingScreen, RecordingSettings
from tests.app.headless.test_headless import FakeConsole


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--width", "640"], 2, "--width, --height, --bitrate and --filename belong to --capture."),
        (["--capture", "-w", "1"], 2, "'1' is no number from 2 to 65535"),
        (["--capture", "-r", "much"], 2, "'much' is no number from 1 to"),
        (["-e", "=x"], 2, "A property of the remote display is given as NAME=VALUE."),
        (["--vrde", "perhaps"], 2, "invalid choice: 'perhaps'"),
        (["--password", "file"], 1, "Encrypted machines are not supported"),
        (["--password-id", "key"], 1, "Encrypted machines are not supported"),
    ],
)
def test_what_cannot_be_is_said(capsys, words, code, sentence):
    assert headless.main(["--startvm", "x", *words]) == code
    assert sentence in capsys.readouterr().err


def test_version_and_help(capsys):
    assert headless.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("vitrine-headless ")
    assert headless.main(["-?"]) == 0
    assert "--capture" in capsys.readouterr().out


def test_options_of_a_recording_go_over_the_settings():
    settings = RecordingSettings(screens=[RecordingScreen(id=0, enabled=False, fps=5), RecordingScreen(id=1)])
    options = parser().parse_args(["-s", "x", "-c", "-w", "640", "-h", "480", "-r", "900", "-f", "a.webm"])
    (screen,) = capture_of(options).applied_to(settings).screens
    assert (screen.enabled, screen.width, screen.height, screen.rate_kbps, screen.file, screen.fps) == (
        True, 640, 480, 900, "a.webm", 5,
    )  # fmt: skip
    (screen,) = Capture().applied_to(RecordingSettings()).screens
    assert (screen.width, screen.height) == (1024, 768)
    assert capture_of(parser().parse_args(["-s", "x"])) is None


class Recording:
    """Refuses or notes what is recorded."""

    def __init__(self, plan=None, error=None):
        self.plan, self.error, self.started = plan, error, []

    def start(self, settings):
        if self.error is not None:
            raise self.error
        self.started.append(settings)


@pytest.mark.parametrize(
    ("recording", "sentence", "started"),
    [
        (Recording(), "", 1),
        (Recording(types.SimpleNamespace(file="b.webm")), "recorded already: b.webm", 0),
        (Recording(error=ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, "No PyAV.", "x")), "not recorded: No PyAV.", 0),
    ],
)
def test_the_machine_runs_whether_it_is_recorded_or_not(recording, sentence, started, capsys):
    console = FakeConsole(orders=[lambda console: console.tell(events.Ended())])
    console.recording = recording
    assert headless.HeadlessRun(console, Capture()).run(paused=False) == 0
    assert sentence in capsys.readouterr().err
    assert len(recording.started) == started


@pytest.mark.parametrize("again", [True, False])
def test_a_guest_that_does_not_shut_down_is_saved(again, monkeypatch, capsys):
    """After some time, or when the process is asked to end once more."""
    run = None

    class Console(FakeConsole):
        state = MachineState.RUNNING

        def power_button(self):
            self.calls.append("power_button")
            if again:
                run._orders.put("SIGTERM")
            return True

    monkeypatch.setattr(headless, "ACPI_SECONDS", 60 if again else 0.01)
    console = Console(orders=[lambda _console: run._orders.put("SIGTERM")])
    console.settings.autostart.autostop = "AcpiShutdown"
    run = headless.HeadlessRun(console)
    assert run.run(paused=False) == 0
    assert console.calls == [("start", False), "power_button", "save_state"]
    assert ("did not shut down" in capsys.readouterr().err) is not again
