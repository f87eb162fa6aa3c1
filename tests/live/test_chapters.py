"""Every exercise and every cell of every chapter, in a real browser."""

import functools
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live_testing import (
    BUILD,
    CHAPTERS,
    ROOT,
    SITE,
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
from playwright.sync_api import Page, expect

from live_exercises.exercise import CodeExercise


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def opened(chapter: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], Page]]:
    """The chapter's page: one for all tests, so that Python starts once; opened when asked for."""

    @functools.cache
    def page() -> Page:
        page = request.getfixturevalue("reader").new_page()
        site = request.getfixturevalue("site")
        forget(page, site)
        page.goto(f"{site}{chapter}.html")
        return page

    yield page
    if page.cache_info().currsize:
        page().close()


@pytest.fixture(scope="session")
def around(site: str, program: str) -> str:
    """Fingerprint of what all chapters run in: the browser, the site's own files, these tests."""
    digest = hashlib.sha256(subprocess.check_output([program, "--version"]))
    for folder in (SITE / "_static", Path(__file__).parent):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


@pytest.fixture
def passed(request: pytest.FixtureRequest, chapter: str, around: str) -> Callable[[], None]:
    """What a test calls at its end. The same test of the same files is not run again; in CI it is.

    As with the chapters' cells: what has not changed since it was seen to hold is not run again.
    """
    digest = hashlib.sha256(around.encode())
    for file in (
        ROOT / f"book/{chapter}.md",  # has the wrong answers, which the page has not
        SITE / f"{chapter}.html",
        BUILD / f"jupyter_execute/{chapter}.ipynb",
    ):
        digest.update(file.read_bytes())
    name, found = f"browser/{request.node.name}", digest.hexdigest()
    if request.config.cache.get(name, "") == found and not os.environ.get("CI"):
        pytest.skip("unchanged since it passed here (CI=1 make test: try it again)")
    return lambda: request.config.cache.set(name, found)


def test_exercises_answer_each_attempt(
    opened: Callable[[], Page], chapter: str, passed: Callable[[], None]
) -> None:
    """The starter fails, the solution passes, each wrong answer gets its own message."""
    page = opened()
    for entry in exercises(chapter):
        exercise = entry.record
        if not isinstance(exercise, CodeExercise):
            continue
        asked = block(page, exercise.name)
        told = press(asked, "Check")
        assert told, f"{exercise.name}: the starter passes"
        assert "Right" not in told, f"{exercise.name}: the starter passes"
        wait_for_editor(asked)
        for wrong in exercise.wrong_answers:
            write(asked, wrong.answer)
            assert press(asked, "Check") == wrong.message
        write(asked, exercise.solution)
        assert press(asked, "Check").startswith("Right"), exercise.name
    passed()


def test_cells_give_the_same_output_as_the_executed_notebook(
    opened: Callable[[], Page], chapter: str, passed: Callable[[], None]
) -> None:
    page = opened()
    cells = executed_cells(chapter)
    assert page.locator("div.cell.live").count() == len(cells)
    for number, cell in enumerate(cells):
        here = block(page, number)
        here.locator("details.hide").evaluate_all(
            "folded => folded.forEach((f) => (f.open = true))"
        )
        told = press(here, "Run")
        assert told.startswith("Done."), f"cell {number + 1}: {told} {here.text_content()}"
        shown = "".join(here.locator(".live-text").all_text_contents())
        assert same_text(shown, printed(here)), f"cell {number + 1}:\n{shown}\n{printed(here)}"
        expect(here.locator("canvas")).to_have_count(figures(cell))
    passed()
