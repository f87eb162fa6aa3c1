"""Cells whose figures nobody will see run without Matplotlib, and whoever needs it gets it."""

import json
import sys

import pytest

from live_exercises.runner import Chapter

FIGURE = (
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nline = axes.plot([1, 2])\n"
)


class Shown:
    def __init__(self):
        self.texts, self.figures = "", 0

    def text(self, text):
        self.texts += text

    def figure(self, png, width):
        self.figures += 1


def run(*cells, draws=False, chapter=None):
    shown = Shown()
    answer = (chapter or Chapter()).run(cells, shown, draws)
    return answer if answer is None else (json.loads(answer)["error"], shown.texts, shown.figures)


def test_a_cell_that_prints_needs_no_matplotlib_though_cells_above_draw():
    drawn = "from backprop_figures.style import use_book_style\nuse_book_style()\n" + FIGURE
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.startswith("matplotlib")]:
            patch.delitem(sys.modules, name)
        patch.setattr(sys, "path", [])
        answer = run(
            "x = 2", drawn + "with plt.style.context({}):\n    axes.grid = 1", "print(x + 1)"
        )
    assert answer == (None, "3\n", 0)


@pytest.mark.parametrize(
    "asked",
    [
        "print(line[0].get_xdata())",
        "axes.grid()",
        "n = len(line)",
        "float(line)",
        "import matplotlib\nmatplotlib.rcParams",
        "y = 2 * line",
        "if axes: pass",
        "try:\n    line.x\nexcept Exception:\n    print('caught')",
    ],
)
def test_a_cell_that_touches_a_figure_needs_it(asked):
    assert run(FIGURE, asked) is None


@pytest.mark.parametrize(
    "asked",
    [
        "print(line)",
        "one, two = line",
        "n = len(line)",
        "import numpy as np\nx = np.asarray(line)",
        "few, many = plt.subplots(1, 2)",
        "x = 2 + line",
        "text = f'{line}'",
        "names = {line: 1}",
    ],
)
def test_a_cell_above_that_takes_a_value_from_a_figure_needs_it(asked):
    assert run(FIGURE + asked, "print(1)") is None


def test_with_matplotlib_everything_is_drawn_again():
    chapter = Chapter()
    assert run(FIGURE, "print(1)", chapter=chapter) == (None, "1\n", 0)
    assert run(FIGURE, "print(len(line))", chapter=chapter) is None
    assert run(FIGURE, "print(len(line))", draws=True, chapter=chapter) == (None, "1\n", 0)
    assert run(FIGURE, draws=True) == (None, "", 1)


def test_an_error_above_is_told_as_ever():
    error, _, _ = run(FIGURE + "1 / 0", "print(1)")
    assert "ZeroDivisionError" in error
