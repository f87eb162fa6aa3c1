"""What must hold of every chapter, as its author wrote it."""

import re
from pathlib import Path

import pytest

from book_build.listing import short_and_whole

BOOK = Path(__file__).parent.parent / "book"
CHAPTERS = ["forward", "activation", "cost", "chain_rule", "mse_network"]


def text_of(chapter):
    return (BOOK / f"{chapter}.md").read_text("utf-8")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_figure_is_followed_by_a_cell_that_asserts_its_data(chapter):
    cells = re.findall(r"```\{code-cell\} python\n(.*?)\n```\n", text_of(chapter), re.DOTALL)
    figures = [number for number, cell in enumerate(cells) if "figure:" in cell]
    assert figures
    for number in figures:
        assert cells[number + 1].startswith(":tags: [remove-cell]")
        assert "assert" in cells[number + 1]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_has_its_parts(chapter):
    text = text_of(chapter)
    for part in ("After this chapter you will be able to", "## Common mistakes", "## Exercises"):
        assert part in text
    assert "## What comes next" in text
    assert text.count("````{exercise}") >= 4
    assert "```{listing}" in text


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_cell_is_longer_than_a_screen(chapter):
    for cell in re.findall(r"```\{code-cell\} python\n(.*?)\n```\n", text_of(chapter), re.DOTALL):
        assert len(cell.splitlines()) <= 30


@pytest.mark.parametrize("chapter", [*CHAPTERS, "errata"])
def test_no_line_of_code_is_wider_than_the_column_of_text(chapter):
    text = text_of(chapter)
    cells = re.findall(r"```\{code-cell\} python\n(?:---\n.*?---\n)?(.*?)\n```\n", text, re.DOTALL)
    exercises = re.findall(r"```\{(?:starter|solution)\}\n(.*?)```\n", text, re.DOTALL)
    listings = re.findall(r"```\{listing\} (\S+)", text)
    shown = [cell for cell in cells if not cell.startswith(":tags: [remove-cell]")]
    shown += exercises + [short_and_whole(name)[0] for name in listings]
    assert len(shown) > 10
    assert [line for code in shown for line in code.splitlines() if len(line) > 76] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_code_of_the_package_is_copied(chapter):
    assert not re.search(
        r"^\s*def (mse|sigmoid|cross_entropy|train)\(",
        re.sub(r"````\{exercise\}.*?\n````\n", "", text_of(chapter), flags=re.DOTALL),
        re.MULTILINE,
    )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_tied_cost_and_gradient_has_a_witness_from_outside(chapter):
    r"""Of a derivative, automatic differentiation of the definition is the witness."""
    for formula in re.findall(r"```\{formula\}\n(.*?)```", text_of(chapter), re.DOTALL):
        tied = re.search(r"^:code:.*\b(cost\.|gradient|back_propagation|backward)", formula, re.M)
        if tied and not re.search(r"\\partial|\\nabla|\\frac\{d\}", formula):
            assert ":witness:" in formula
