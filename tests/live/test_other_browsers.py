"""Firefox and WebKit answer an exercise of each way of judging, and run a cell."""

import json
import shutil
from collections.abc import Iterator

import pytest
from live_testing import exercises, unavailable
from other_browsers import BROWSERS, Browser

from live_exercises.exercise import CodeExercise

HELPERS = """
const done = arguments[arguments.length - 1];
const faults = [];
addEventListener("error", (event) => faults.push(event.message));
const find = (name) => document.querySelector(`[data-exercise="${name}"]`);
const named = (block, name) => [...block.querySelectorAll("button")].find((b) => b.textContent === name);
const said = (block) => block.querySelector("[role=status]").textContent;
const ended = (block) => new Promise((resolve) => {
  const look = setInterval(() => {
    if (!named(block, "Stop").hidden) return;
    clearInterval(look);
    resolve(said(block));
  }, 20);
});
const press = async (block, name) => {
  const begin = performance.now();
  named(block, name).click();
  const answer = named(block, "Stop") ? await ended(block) : said(block);
  return [answer, performance.now() - begin];
};
const type = (field, text) => {
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
"""


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    start, programs = BROWSERS[request.param]
    for names in programs:
        if not any(map(shutil.which, names)):
            unavailable(
                f"install {names[0]} (.ci/run says how), to try the book in {request.param}"
            )
    with start() as browser:
        yield browser


@pytest.mark.xdist_group("browser")
@pytest.mark.built
def test_other_browsers_run_code_and_answer(browser: Browser, site: str) -> None:
    code = {entry.record.name: entry.record for entry in exercises("forward")}
    first, second = code["layer-output"], code["layer-with-bias"]
    assert isinstance(first, CodeExercise)
    assert isinstance(second, CodeExercise)
    told = browser(
        f"{site}forward.html",
        HELPERS
        + f"""
        (async () => {{
          const untouched = await press(find("layer-output"), "Check");
          const solved = find("layer-with-bias");
          type(solved.querySelector("textarea"), {json.dumps(second.solution)});
          const right = await press(solved, "Check");
          const pencil = find("unit-by-hand");
          type(pencil.querySelector("input"), "1e3");
          const wrong = await press(pencil, "Check");
          const cell = [...document.querySelectorAll("div.cell.live")].find((one) =>
            one.textContent.includes("draw_unit("));
          const drawn = await press(cell, "Run");
          done({{ untouched, right, wrong, drawn, faults,
                 figures: cell.querySelectorAll("canvas").length }});
        }})();
        """,
    )
    assert told["faults"] == []
    assert told["untouched"][0] == first.judge(first.starter)
    assert told["right"][0] == "Right: every check passes."
    assert told["wrong"][0] == "That is not it yet."
    assert told["wrong"][1] < 50
    assert told["drawn"][0].startswith("Done.")
    assert told["figures"] == 1
    print(f"the first answer came after {told['untouched'][1] / 1000:.1f} s")
