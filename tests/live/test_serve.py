"""``make serve``: a saved change is in the browser soon after, and a fault is shown in the page."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

CONF = """\
extensions = ["myst_nb", "book_build.freshness", "light_page.sphinx"]
nb_execution_mode = "off"
html_theme = "sphinx_book_theme"
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A page of a small book, and the address that it is served at."""
    for folder in ("book", "src"):
        (tmp_path / folder).mkdir()
    (tmp_path / "conf.py").write_text(CONF, "utf-8")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    page = tmp_path / "book/index.md"
    page.write_text("# A book\n\nThe first text.\n\n```{toctree}\nother\n```\n", "utf-8")
    (tmp_path / "book/other.md").write_text("# Another page\n\nIts text.\n", "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(
        [sys.executable, "-m", "book_build.serve", "book", "_build", "--port", str(port)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not (tmp_path / "_build/serve.json").exists() and time.monotonic() < end:
        assert process.poll() is None
        time.sleep(0.1)
    yield page, address
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=20)[0]
    assert re.match(r"The book is at .*\nBuilt in [\d.]+ s\.\n", told)
    assert process.returncode == 0


def test_a_saved_change_and_a_fault_are_seen_in_the_page(
    reader: BrowserContext, served: tuple[Path, str]
) -> None:
    source, address = served
    page = reader.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address)
    assert "Content-Security-Policy" in page.content()  # the page's own policy stays
    first = source.read_text("utf-8")
    source.write_text(first.replace("first", "second"), "utf-8")
    expect(page.get_by_text("The second text.")).to_be_visible(timeout=30_000)
    # Seen within two seconds of the build's end.
    state = source.parents[1] / "_build/serve.json"
    assert time.time() - state.stat().st_mtime < 2
    source.write_text(first.replace("first text", "third text, {ref}`nowhere`"), "utf-8")
    expect(page.get_by_text("The third text")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_contain_text("book/index.md:3: WARNING: undefined label")
    source.write_text(first.replace("first", "fourth"), "utf-8")
    expect(page.get_by_text("The fourth text.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert [text for text in refused if "Content Security Policy" in text] == []
    page.close()


def test_a_page_that_is_what_it_was_stays_as_it_is(
    reader: BrowserContext, served: tuple[Path, str]
) -> None:
    source, address = served
    page, other = reader.new_page(), reader.new_page()
    page.goto(address)
    other.goto(f"{address}other.html")
    other.evaluate("document.title = 'Where I read'")
    source.write_text(source.read_text("utf-8").replace("first", "second"), "utf-8")
    expect(page.get_by_text("The second text.")).to_be_visible(timeout=30_000)
    time.sleep(3)  # the whole book follows
    expect(other).to_have_title("Where I read")
    page.close()
    other.close()


def test_what_is_served_is_not_what_is_built(served: tuple[Path, str]) -> None:
    source, address = served
    with urllib.request.urlopen(address) as answer:
        assert b"/_serve/reload.js" in answer.read()
    assert "/_serve/" not in (source.parents[1] / "_build/html/index.html").read_text("utf-8")


def test_a_window_that_was_opened_before_the_first_build_is_told_of_it(
    served: tuple[Path, str],
) -> None:
    _, address = served
    with urllib.request.urlopen(f"{address}_serve/state?after=&page=/") as answer:
        assert json.load(answer)["number"]


def test_a_port_that_is_taken_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "book_build.serve", "book", "_build", "--port", port],
            cwd=tmp_path,
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert (
        done.stderr == f"Port {port} cannot be had (Address already in use): make serve PORT=8001\n"
    )
