"""Every exercise and every cell of every chapter, in a real browser."""

from collections.abc import Iterator

import pytest
from live_testing import (
    CHAPTERS,
    block,
    executed_cells,
    exercises,
    figures,
    forget,
    press,
    printed,
    same_text,
    wait_for_editor,
    write,
)
from playwright.sync_api import BrowserContext, Page, expect


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def opened(chapter: str, reader: BrowserContext, site: str) -> Iterator[Page]:
    """The chapter's page: one for all tests, so that Python starts there once."""
    page = reader.new_page()
    forget(page)
    page.goto(f"{site}{chapter}.html")
    yield page
    page.close()


def test_chapters_have_four_exercises_or_none(chapter: str) -> None:
    assert len(exercises(chapter)) >= 4 or chapter == "errata"


def test_exercises_answer_each_attempt(opened: Page, chapter: str) -> None:
    """The starter fails, the solution passes, each wrong answer gets its own message."""
    for number, exercise in enumerate(exercises(chapter)):
        asked = block(opened, number)
        told = press(asked, "Check")
        assert told, f"{exercise.name}: the starter passes"
        assert "Right" not in told, f"{exercise.name}: the starter passes"
        wait_for_editor(asked)
        for wrong in exercise.wrong_answers:
            write(asked, wrong.code)
            assert press(asked, "Check") == wrong.message
        write(asked, exercise.solution)
        assert press(asked, "Check").startswith("Right"), exercise.name
    if exercises(chapter):
        count = len(exercises(chapter))
        expect(opened.locator(".live-progress p")).to_have_text(
            f"Solved in this chapter: {count} of {count}."
        )


def test_cells_give_the_same_output_as_the_executed_notebook(opened: Page, chapter: str) -> None:
    cells = executed_cells(chapter)
    assert opened.locator("div.cell.live").count() == len(cells)
    for number, cell in enumerate(cells):
        here = block(opened, number, "cell")
        told = press(here, "Run")
        assert told.startswith("Done."), f"cell {number + 1}: {told} {here.text_content()}"
        shown = "".join(here.locator(".live-text").all_text_contents())
        assert same_text(shown, printed(here)), f"cell {number + 1}:\n{shown}\n{printed(here)}"
        expect(here.locator("canvas")).to_have_count(figures(cell))
