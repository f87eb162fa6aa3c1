import pytest

from checked_math.document import read
from checked_math.numbers import findings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is 0.25 now.", ["0.25"]),
        ("It is -1.5e-3, or 2e-16.", ["-1.5e-3", "2e-16"]),
        ("In `0.5` of it", ["0.5"]),
        ("# Fell to 0.1", ["0.1"]),
        ("```{figure} a.svg\n:alt: falls to 0.3\n\nCaption 0.4.\n```", ["0.3", "0.4"]),
        ("| 0.5 |\n|---|\n| 0.75 |", ["0.5", "0.75"]),
        ("![at 0.2](a.svg)", ["0.2"]),
        ("Version 1.4 and Python 3.11, NumPy 2.0, 1.2.3 and section 2.1", []),
        ("In 2024, 60 epochs of 3 layers", []),
        ("$x = 0.5$ and {glue:text}`a:.2f`", []),
        ("```\n0.5\n```\n\n```{code-cell}\nx = 0.5\n```", []),
        ("<https://a.org/1.5> and [a](b/0.5)", []),
        ("CC BY-SA 4.0", ["4.0"]),
    ],
)
def test_findings(text, found):
    assert [finding.number for finding in findings(read(text))] == found


def test_place_and_remedy_are_said():
    (finding,) = findings(read("# A\n\nFirst.\nThe cost is 0.25.\n"))
    assert finding.line == 4
    assert "print it from a cell (a glue role)" in finding.message


def test_further_words_may_be_configured():
    assert findings(read("PyTorch 2.5"), ["PyTorch"]) == []
