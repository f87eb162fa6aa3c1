"""What runs in the browser, tried here: it needs no browser for that."""

import json
import re
from pathlib import Path

import pytest

from live_exercises.runner import MOST_CHARACTERS, Chapter, check, mend_font_list, run

ENDLESS = "def f():\n    return f()\nf()"


class Shown:
    """A screen that remembers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.figures: list[int] = []

    @property
    def said(self) -> str:
        return "".join(self.texts)

    def text(self, text: str) -> None:
        self.texts.append(text)

    def figure(self, png: bytes, width: int) -> None:
        assert png.startswith(b"\x89PNG")
        self.figures.append(width)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print(1); 2", "1\n2\n"),
        ("2;", ""),
        ("None", ""),
        ("x = 1", ""),
        ("", ""),
        ("import sys; sys.stderr.write('oh'); None", "oh"),
    ],
)
def test_prints_what_a_notebook_shows(code: str, said: str) -> None:
    shown = Shown()
    assert json.loads(run(code, shown)) == {"error": None, "line": None}
    assert shown.said == said


@pytest.mark.parametrize(
    ("code", "line", "error"),
    [
        ("x = 1\ny = (", 2, r"line 2\n    y = \(\n        \^\nSyntaxError: '\(' was never closed"),
        ("\n\n1 / 0", 3, r"line 3\n    1 / 0\nZeroDivisionError: division by zero"),
        (
            "import json\njson.loads('')",
            2,
            r"line 2\n    json.loads\(''\)\njson\..*Error: Expecting.*",
        ),
        ("raise SystemExit('bye')", 1, r"line 1\n.*\nSystemExit: bye"),
        (
            ENDLESS,
            2,
            r"line 3\n    f\(\)\n(line 2, in f\n.*\n){2}\.\.\.\n(line 2, in f\n.*\n){3}Recursion.*",
        ),
    ],
)
def test_an_error_is_told_with_the_lines_of_the_reader(code: str, line: int, error: str) -> None:
    result = json.loads(run(code, Shown()))
    assert result["line"] == line
    assert re.fullmatch(error, result["error"]), result["error"]


def test_output_without_an_end_is_cut() -> None:
    shown = Shown()
    run(f"print('x' * {MOST_CHARACTERS * 3})\nprint('never')", shown)
    assert len(shown.said) < MOST_CHARACTERS + 100
    assert shown.said.endswith("characters are shown")


def test_check_gives_the_message_of_the_check_and_the_line_of_an_error() -> None:
    shown = Shown()
    assert json.loads(check("a = 1", "assert a == 1", shown))["told"] is None
    wrong = json.loads(check("a = 2\nprint(a)", "assert a == 1, 'a is 1'", shown))
    assert wrong == {"error": None, "line": None, "told": "a is 1"}
    assert shown.said == "2\n"
    assert json.loads(check("a = 1\nb", "", shown))["line"] == 2
    assert json.loads(check("raise SystemExit", "", shown))["told"] == "SystemExit: "


def test_a_cell_runs_after_those_above_it_and_each_only_once() -> None:
    chapter, shown = Chapter(), Shown()
    above, middle = "ran = []", "ran.append('middle')"
    chapter.run([above, middle, "print(ran)"], shown)
    chapter.run([above, middle, "print(ran)", "print(len(ran))"], shown)
    chapter.run([above, middle, "print(ran)"], shown)  # again: from the top
    chapter.run([above, "ran.append('changed')", "print(ran)"], shown)
    assert shown.said == "['middle']\n1\n['middle']\n['changed']\n"
    failed = json.loads(chapter.run([above, "missing", "print(ran)"], shown))
    assert failed["cell"] == 1
    assert failed["line"] == 1
    assert json.loads(chapter.run([above], shown))["error"] is None


def test_figures_are_shown_and_closed() -> None:
    chapter, shown = Chapter(), Shown()
    draw = "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
    draw += "figure, axes = plt.subplots(figsize=(2, 1))"
    chapter.run([draw], shown)
    chapter.run([draw, "x = 1"], shown)
    assert shown.figures == [192]


def test_the_list_of_fonts_gets_the_version_that_matplotlib_expects(tmp_path: Path) -> None:
    source = "class FontManager:\n    # a comment\n    __version__ = 330\n"
    (tmp_path / "font_manager.py").write_text(source, "utf-8")
    (tmp_path / "fontlist.json").write_text('{"_version": 1}', "utf-8")
    mend_font_list(tmp_path)
    assert json.loads((tmp_path / "fontlist.json").read_text("utf-8"))["_version"] == 330
