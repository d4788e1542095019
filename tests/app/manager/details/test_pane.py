"""The boxes of the details pane."""

import random

import pytest

from app.manager.details.pane import DetailsPane
from app.manager.details.section import Row


@pytest.fixture
def pane(qtbot):
    details = DetailsPane()
    qtbot.addWidget(details)
    details.resize(760, 640)
    details.show()
    qtbot.waitExposed(details)
    return details


def test_lines_have_the_height_of_their_text(pane, qtbot):
    """Also when another machine with more lines comes before the boxes were laid out."""

    chance = random.Random(8)

    def fill():
        for box in pane._boxes.values():
            count = chance.randint(1, 6)
            pane._fill(box, tuple(Row(f"Label {n}", f"value {n}") for n in range(count)))

    def squeezed():
        for name, box in pane._boxes.items():
            grid = box.body.layout()
            for position in range(grid.count()):
                label = grid.itemAt(position).widget()
                if label.height() < label.fontMetrics().height():
                    yield name, position

    for _machine in range(30):
        fill()
        qtbot.wait(chance.choice((0, 5)))
        fill()
        qtbot.wait(20)
        assert not list(squeezed())
