"""A file that does not arrive: the page says so, and the next try works without a reload."""

import re

import pytest
from live_testing import block, ending, press, write
from playwright.sync_api import Page, expect

RIGHT = "import numpy as np\n\n\ndef forward_propagation(inputs, weights):\n    return inputs @ weights"
FILES = [
    "live/worker.js",
    "live/book.zip",
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.js",
    "pyodide/pyodide.asm.wasm",
    "pyodide/pyodide-lock.json",
    "pyodide/python_stdlib.zip",
    "pyodide/numpy-",
]


@pytest.mark.parametrize("file", FILES)
def test_a_lost_file_is_told_and_the_next_try_works(page: Page, site: str, file: str) -> None:
    page.goto(f"{site}forward.html")
    asked = block(page, 0)
    write(asked, RIGHT)
    lost = re.compile(re.escape(f"_static/{file}"))
    page.route(lost, lambda route: route.abort())
    told = press(asked, "Check")
    assert told.startswith("A file that Python needs did not arrive.")
    page.unroute(lost)
    asked.get_by_role("button", name="Try again").click()
    expect(asked.get_by_role("button", name="Stop")).to_be_visible()
    assert ending(asked).startswith("Right")
