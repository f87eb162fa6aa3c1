import pytest

from checked_math.document import read
from checked_math.numbers import Allowed, counts, findings
from checked_math.pages import Configuration, check


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("So two matrices and 344 penguins.", ["two matrices", "344 penguins"]),
        ("Two hidden layers, 1,000 steps", ["Two hidden layers", "1,000 steps"]),
        ("The weights are (3, 2), a list (3,).", ["(3, 2)", "(3,)"]),
        ("About a third of it, three quarters", ["a third", "three quarters"]),
        ("Twice as large, four times what it was", ["Twice", "four times"]),
        ("| shape |\n|---|\n| (2, 1) |", ["(2, 1)"]),
        (
            "```{figure} a.svg\n:alt: over 100 steps\n\nFour columns.\n```",
            ["100 steps", "Four columns"],
        ),
        ("A bias of 10 lifts it, 3 is not 1, in 2009 researchers, the third row", []),
        ("It has {is}`two layers <2>`, $3$ rows and `2 rows`", []),
        ("```{figure} a.svg\n:alt: has {is}`two rows <2>`, {is}`0.5 <x>`\n```", []),
        ("one example, two, and node 5", []),
        ("chapter 3 says how; the gradient 8 and moves; which of the two fits", []),
        ("one of two terms always vanishes", ["two terms"]),
    ],
)
def test_counts(text, found):
    page = read(text)
    assert [finding.number for finding in counts(page)] == found
    assert not findings(page)


def test_a_count_may_be_allowed_with_a_reason():
    page = read("It does two things.\n\nIt has\ntwo rows. Two rows, two rows of things.\n")
    allowed = [
        Allowed("does two things", "named below"),
        Allowed("two rows of things", "a picture"),
    ]
    found = counts(page, allowed, "allowed.toml")
    assert [(finding.line, finding.number) for finding in found] == [
        (4, "two rows"),
        (4, "Two rows"),
    ]
    assert found[0].message == (
        "the count two rows is typed into prose: bind it to what is computed, "
        "or allow it in allowed.toml with the reason"
    )


def test_counts_are_looked_at_where_a_list_of_allowed_ones_is_set(tmp_path):
    text = "Two layers and two rows.\n"
    assert check(text, "a.md").ok
    path = tmp_path / "allowed.toml"
    path.write_text('[[allowed]]\nphrase = "two rows"\nreason = "none"\n', encoding="utf-8")
    (finding,) = check(text, "a.md", Configuration(allowed=path)).findings
    assert finding[1].startswith("the count Two layers")
