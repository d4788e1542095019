import pytest

from app.api.structs import MachineState
from app.vmwindow.window import VmWindow
from tests.app.vmwindow.fakes import FakeConsole


@pytest.fixture
def console():
    return FakeConsole()


@pytest.fixture
def window(qtbot, console):
    """A window that is shown, with its machine running."""
    window = VmWindow(console)
    qtbot.addWidget(window, before_close_func=lambda w: (w.stop(), console.set_state(MachineState.POWERED_OFF)))
    window.show()
    qtbot.waitExposed(window)
    console.start()
    window.machine_started()
    qtbot.waitUntil(lambda: not window.screen_widget.guest_size.isEmpty())
    yield window
    console.state = MachineState.POWERED_OFF
