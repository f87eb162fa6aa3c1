"""A file that does not arrive: the page says so, and the next try works without a reload."""

import re

import pytest
from live_testing import block, ending, press
from playwright.sync_api import BrowserContext, Page, Route, expect

FILES = [
    "pyodide.mjs",
    "pyodide.asm",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
    "python_stdlib.zip",
    "numpy-",
    "book.zip",
    "worker.js",
]


@pytest.fixture
def stranger(program: str, site: str):
    """A page of a browser that has kept nothing."""
    from playwright.sync_api import sync_playwright

    from page_audit.browser import FLAGS

    return program, FLAGS, sync_playwright
