import json

import nbformat
import numpy as np
import pytest

from book_build.claims import hold, numbers_in

NAMES = {
    "np": np,
    "weights": [np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 1))],
    "X": np.zeros((3, 2)),
    "loss": 0.2349,
    "p": np.array([[6.0]]),
    "losses": np.array([3.0, 2.0, 1.0]),
    "name": "flipper",
}


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("three weight matrices", "len(weights)"),
        ("344 penguins", "340 + 4"),
        ("1,000 steps", "1000"),
        ("(3, 2)", "X.shape"),
        ("three rows and two columns", "X.shape"),
        ("3 x 2", "X.shape"),
        ("about a quarter", "loss"),
        ("nearly a quarter", "loss"),
        ("0.23", "loss"),
        ("23 %", "loss"),
        ("twice", "len(losses) - 1"),
        ("three times", "losses[0] / losses[2]"),
        ("half", "losses[2] / losses[1]"),
        ("two thirds", "losses[1] / losses[0]"),
        ("twenty-one", "21"),
        ("two hundred", "200"),
        ("a hundredth", "0.01"),
        ("the third layer", "3"),
        ("\u22122", "-2"),
        ("more than 5", "p"),
        ("above the target", "p > 5"),
        ("below 7", "p.item() < 7"),
        ("falls in every step", "(np.diff(losses) < 0).all()"),
        ("never rises", "(np.diff(losses) <= 0).all()"),
        ("agree", "np.allclose(p, 6)"),
        ("The flipper", "name"),
    ],
)
def test_words_that_say_what_it_is(words, expression):
    assert hold(words, expression, NAMES) == ""


@pytest.mark.parametrize(
    ("words", "expression", "said"),
    [
        ("two weight matrices", "len(weights)", "which is 3"),
        ("343 penguins", "340 + 4", "which is 344"),
        ("(2, 3)", "X.shape", "which is (3, 2)"),
        ("(3, 2, 1)", "X.shape", "which is (3, 2)"),
        ("three", "X.shape", "which is (3, 2)"),
        ("a quarter", "loss", "which is 0.2349"),
        ("about a third", "loss", "which is 0.2349"),
        ("0.24", "loss", "which is 0.2349"),
        ("nearly a fifth", "loss", "which is 0.2349"),
        ("fewer than 5", "p", "which is [[6.0]]"),
        ("below the target", "p < 5", "which is false"),
        ("below the target", "p > 5", '"below" says <'),
        ("more than 4", "p > 5", "says 4"),
        ("rises", "(np.diff(losses) < 0).all()", '"rises" says >'),
        ("never falls", "(np.diff(losses) < 0).all()", '"falls" says > or >='),
        ("fine", "p > 5", "no word for a comparison"),
        ("The bill", "name", "which is flipper"),
        ("three", "missing", "NameError"),
        ("three", "np", "bind words to a number"),
        ("three", "1 +", "SyntaxError"),
        ("layers", "len(weights)", "which is 3"),
    ],
)
def test_words_that_do_not(words, expression, said):
    assert said in hold(words, expression, NAMES)


def test_numbers_in_words():
    assert numbers_in("one half, a third and the third of three quarters") == [
        0.5,
        1 / 3,
        3.0,
        0.75,
    ]
    assert numbers_in("nothing of the kind") == []


CHAPTER = """\
# A network

There will be {is}`two rows <below: len(weights)>` in it.

```{code-cell} python
weights = [[1, 2], [3, 4]]
print("printed")
```

It has {is}`two rows <len(weights)>`
and, over two lines, {is}`four
numbers <sum(map(len, weights))>`.

| what | shape |
| --- | --- |
| weights | {is}`(2, 2) <(len(weights), len(weights[0]))>` |

```{note}
:class: tip

Also {is}`two <len(weights)>` here.
```

```{code-cell} python
---
mystnb:
  image:
    alt: A line that ends at {is}`four <line[-1]>`.
  figure:
    caption: It has {is}`two points <len(line)>`.
---
import matplotlib.pyplot as plt

line = [1, 4]
figure, axes = plt.subplots()
drawn = axes.plot(line)
```

```{figure} a.svg
:alt: Ends at {is}`four <line[-1]>`.

A caption with {is}`two <len(line)>` points.
```
"""


@pytest.fixture
def chapter(small_book):
    book = small_book(["book_build.bound"], myst_enable_extensions=["colon_fence"])
    (book.source / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return book


def test_bound_words_are_printed_and_nothing_else(chapter):
    chapter.write_notebook("index", CHAPTER)
    assert chapter.build() == ""
    page = chapter.page("index")
    assert "It has two rows\nand, over two lines, four numbers." in page
    assert "<p>(2, 2)</p>" in page
    assert page.count('alt="A line that ends at four."') == 1
    assert page.count('alt="Ends at four."') == 1
    assert "It has two points." in page
    assert "A caption with two points." in page
    assert "{is}" not in page
    assert "claims" not in page
    # The hidden cells leave no name behind, and are marked as the chapters' own hidden cells are.
    file = chapter.build_folder / "jupyter_execute" / "index.ipynb"
    cells = nbformat.read(file, as_version=4).cells
    hidden = [cell for cell in cells if "claims" in cell.metadata]
    assert [json.loads(cell.outputs[0].text) for cell in hidden] == [
        [""],
        [""] * 4,
        [""] * 2,
        [""] * 2,
    ]
    assert all(cell.metadata.tags == ["remove-cell"] for cell in hidden)


WRONG = [
    ("be {is}`two rows", "be {is}`ten rows", 8, '"ten rows" is bound to len(weights), which is 2'),
    (
        "has {is}`two rows",
        "has {is}`three rows",
        15,
        '"three rows" is bound to len(weights), which is 2',
    ),
    ("{is}`four\n", "{is}`five\n", 16, "which is 4"),
    ("`(2, 2) <", "`(2, 3) <", 21, '"(2, 3)" is bound to'),
    ("Also {is}`two <len(weights)>", "Also {is}`two <weigths>", 26, "weigths raises NameError"),
    ("ends at {is}`four", "ends at {is}`five", 33, '"five" is bound to line[-1]'),
    ("{is}`two points", "{is}`ten points", 35, '"ten points" is bound to'),
    ("Ends at {is}`four", "Ends at {is}`five", 45, '"five" is bound to'),
    ("{is}`two <len(line)>", "{is}`two", 47, "is bound to nothing: write {is}`words <expression>`"),
]


def test_words_that_do_not_hold_are_named_with_their_line(chapter):
    text = CHAPTER
    for right, wrong, _, _ in WRONG:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    chapter.write_notebook("index", text)
    warnings = chapter.build().splitlines()
    assert len(warnings) == len(WRONG)
    for warning, (_, _, line, said) in zip(warnings, WRONG, strict=True):
        assert f"index.md:{line}: WARNING: " in warning
        assert said in warning


def test_a_page_without_cells_can_bind_nothing(chapter):
    chapter.write("index", "# Title\n\nIt has {is}`two <1 + 1>` parts.\n")
    warnings = chapter.build()
    assert "index.md:3: WARNING: nothing evaluates what 'two' is bound to" in warnings


def test_what_a_cell_does_wrong_is_still_named_at_its_own_line(small_book):
    book = small_book(["book_build.bound", "book_build.outputs"])
    book.write_notebook(
        "index", CHAPTER.partition("| what")[0] + "```{code-cell} python\n1 / 0\n```\n"
    )
    assert "index.md:20: WARNING: this cell shows a failure" in book.build()
