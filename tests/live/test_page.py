"""What a reader does on a page, and what the page must never do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_testing import block, ending, press, wait_for_editor, write
from playwright.sync_api import BrowserContext, Page, expect

RIGHT = (
    "import numpy as np\n\n\ndef forward_propagation(inputs, weights):\n    return inputs @ weights"
)
RUNTIME = re.compile(r"/_static/(pyodide|codemirror)/|/live/(worker\.js|editor\.js|book\.zip)")


@pytest.fixture(scope="module")
def ready(reader: BrowserContext, site: str) -> Iterator[Page]:
    """The first chapter. Python starts there once, for several tests."""
    page = reader.new_page()
    page.goto(f"{site}forward.html")
    yield page
    page.close()


def test_nothing_is_loaded_before_run_and_then_only_from_the_site_and_at_once(
    page: Page, site: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}forward.html")
    block(page, "layer-output").get_by_role("textbox").focus()
    page.wait_for_timeout(300)
    assert not [url for url in asked if RUNTIME.search(url)]

    with page.expect_worker():  # Python starts while the reader types
        write(block(page, "layer-output"), RIGHT)
    assert press(block(page, "layer-output"), "Check").startswith("Right")
    assert press(block(page, 12), "Run") == "Done."
    wait_for_editor(block(page, "layer-output"))
    assert {RUNTIME.search(url)[0] for url in asked if RUNTIME.search(url)} == {
        "/_static/pyodide/",
        "/_static/codemirror/",
        "/live/worker.js",
        "/live/editor.js",
        "/live/book.zip",
    }
    assert not [url for url in asked if not url.startswith((site, "blob:", "data:"))]

    # Who has run code before finds Python ready on the next page.
    page.goto(f"{site}cost.html")
    assert len(page.workers) == 0
    block(page, "mse").get_by_role("textbox").focus()
    wait_for_editor(block(page, "mse"))
    assert len(page.workers) == 1
    expect(block(page, "mse").locator(".cm-content")).to_be_focused()
    assert "None" in press(block(page, "mse"), "Check")


def test_an_endless_loop_is_stopped(ready: Page) -> None:
    asked = block(ready, "layer-output")
    write(asked, "while True:\n    print('again')")
    asked.get_by_role("button", name="Run", exact=True).click()
    expect(asked.get_by_role("status")).to_have_text("Running …", timeout=60_000)
    asked.get_by_role("button", name="Stop").click(timeout=5_000)
    assert ending(asked) == "Stopped."
    write(asked, RIGHT)
    assert press(asked, "Check").startswith("Right")


def test_errors_tell_the_line_that_the_reader_wrote(ready: Page) -> None:
    asked = block(ready, "layer-output")
    write(asked, "import numpy as np\n\ndef forward_propagation(inputs, weights)\n    return 1")
    assert press(asked, "Run") == "Error in line 3."
    expect(asked.locator(".live-error")).to_contain_text("SyntaxError: expected ':'")
    assert press(asked, "Check") == "SyntaxError: expected ':' (answer, line 3)"

    write(
        asked, "import numpy as np\n\ndef forward_propagation(inputs, weights):\n    return missing"
    )
    told = press(asked, "Check")
    assert told == "NameError: name 'missing' is not defined"
    expect(asked.locator(".live-error")).to_have_text(
        "line 4, in forward_propagation\n    return missing\n" + told
    )

    cell = block(ready, 2)
    cell.get_by_role("button", name="Edit").click()
    write(cell, "1 / 0")
    assert press(cell, "Run") == "Error in line 1."
    # What is printed is text: nothing of it becomes part of the page.
    write(cell, "print('<img src=x onerror=alert(1)>'); 6 * 7")
    assert press(cell, "Run") == "Done."
    expect(cell.locator(".live-text")).to_have_text("<img src=x onerror=alert(1)>\n42\n")
    cell.get_by_role("button", name="Reset").click()


def test_a_cell_runs_after_the_cells_above_it(ready: Page) -> None:
    cell = block(ready, 4)
    assert press(cell, "Run") == "Done."
    expect(cell.locator(".live-text")).to_contain_text("14")
    above = block(ready, 3)
    above.get_by_role("button", name="Edit").click()
    write(above, "inputs = undefined_name")
    assert press(cell, "Run") == "Cell 4, above this one, has an error."
    above.get_by_role("button", name="Reset").click()
    assert press(cell, "Run") == "Done."


def test_work_is_kept_shown_exported_and_erased(page: Page, site: str) -> None:
    page.goto(f"{site}forward.html")
    write(block(page, "layer-output"), RIGHT)
    assert press(block(page, "layer-output"), "Check").startswith("Right")
    write(block(page, "layer-with-bias"), "nearly = 'done'")
    page.reload()
    expect(page.locator(".live-progress p")).to_have_text("Solved in this chapter: 1 of 10.")
    expect(page.locator("nav.bd-links .live-solved")).to_have_text(" 1 of 10 solved")
    expect(block(page, "layer-output").get_by_role("textbox")).to_have_value(RIGHT)
    expect(block(page, "layer-with-bias").get_by_role("textbox")).to_have_value("nearly = 'done'")

    with page.expect_download() as started:
        page.get_by_role("button", name="Download my work").click()
    work = json.loads(started.value.path().read_text("utf-8"))
    assert work["pages"]["forward"]["solved"] == ["layer-output"]
    assert work["pages"]["forward"]["answers"]["layer-with-bias"] == "nearly = 'done'"

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Erase my work").click()
    expect(page.locator(".live-progress p")).to_have_text("Solved in this chapter: 0 of 10.")
    page.reload()
    expect(block(page, "layer-with-bias").get_by_role("textbox")).to_have_value(re.compile("TODO"))
    assert page.evaluate("localStorage.getItem('understanding-backpropagation')") is None


def test_reset_gives_the_starter_and_can_be_undone(page: Page, site: str) -> None:
    page.goto(f"{site}forward.html")
    asked = block(page, "layer-output")
    write(asked, "mine = 1")
    asked.get_by_role("button", name="Reset", exact=True).click()
    expect(asked.get_by_role("textbox")).to_have_value(re.compile("TODO"))
    asked.get_by_role("button", name="Undo reset").click()
    expect(asked.get_by_role("textbox")).to_have_value("mine = 1")


def test_the_keyboard_alone_does_everything(page: Page, site: str) -> None:
    page.goto(f"{site}forward.html")
    asked = block(page, "layer-output")
    keys = page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(12):
            keys.press("Tab")
            focused = page.evaluate("document.activeElement.textContent")
            if focused == name:
                return
        raise AssertionError(f"Tab does not come to {name}")

    # Into the text area and out of it: Tab is not caught there.
    asked.get_by_role("textbox").focus()
    tab_to("Run")
    keys.press("Enter")
    ending(asked)
    wait_for_editor(asked)

    # In CodeMirror, Tab indents; after Escape it leaves.
    expect(asked.get_by_role("button", name="Run", exact=True)).to_be_focused()
    keys.press("Shift+Tab")
    expect(asked.locator(".cm-content")).to_be_focused()
    keys.press("Control+A")
    keys.insert_text(RIGHT + "\nx = 1")
    keys.press("Home")
    keys.press("Tab")
    expect(asked.locator(".cm-content")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Escape")
    tab_to("Check")
    keys.press("Space")
    assert ending(asked).startswith("Right")
    tab_to("Hint")
    keys.press("Enter")
    expect(asked.get_by_text("Which sign is the product of two matrices?")).to_be_visible()
    expect(asked.locator("details").first.locator("summary")).to_be_focused()
    keys.press("Enter")  # closes it, and the focus goes back to where it came from
    expect(asked.get_by_role("button", name="Hint", exact=True)).to_be_focused()
    tab_to("Show a solution")
    keys.press("Enter")
    expect(asked.locator("details.solution")).to_be_visible()

    # Control and Enter run from within the editor; Stop has the focus while it runs.
    asked.locator(".cm-content").focus()
    keys.press("Control+A")
    keys.insert_text("while True: pass")
    keys.press("Control+Enter")
    expect(asked.get_by_role("status")).to_have_text("Running …")
    keys.press("Escape")
    tab_to("Stop")
    keys.press("Enter")
    assert ending(asked) == "Stopped."


def test_without_javascript_the_page_reads_as_ever(page: Page, site: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.goto(f"{site}forward.html")
    exercise = page.locator("[data-exercise=layer-output]")
    expect(exercise).to_contain_text("# TODO: compute the output of the layer")
    expect(exercise.locator("details")).to_have_count(3)
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    expect(page.locator("textarea")).to_have_count(0)


def test_from_a_file_the_page_says_what_it_needs(page: Page, built: Path) -> None:
    page.goto((built / "forward.html").as_uri())
    expect(page.locator(".live-note")).to_contain_text("open the book from a web server")
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    expect(page.locator("[data-exercise=layer-output]")).to_contain_text("TODO")


def test_a_phone_shows_every_formula_whole(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}chain_rule.html")
    formulas = page.locator("div.math > .formula")
    cut = formulas.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).length")
    assert formulas.count() > 20
    assert cut == 0


@pytest.mark.parametrize("wait", [0, 800])
def test_the_menus_of_the_bar_open_at_the_first_press(page: Page, site: str, wait: int) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(f"{site}chain_rule.html")
    page.wait_for_timeout(500)
    assert not [url for url in asked if "bootstrap.js" in url]
    for label in ("Download this page", "Color mode"):
        button = page.locator(f"button[aria-label='{label}']").first
        button.focus()
        page.wait_for_timeout(wait)  # what opens it has come meanwhile, or has not
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "true")
