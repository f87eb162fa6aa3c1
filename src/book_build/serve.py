"""Show the book in a browser while it is being written.

``python -m book_build.serve book _build``, which ``make serve`` runs, builds the book, serves it on
this machine, and builds again whenever a source is saved. Where it is a page that was saved, that
page is written first, and shown before the whole book is built. Open pages that are no longer what
they were reload by themselves. A book with faults is shown as it is, with the faults in a bar at
the foot of each page, and in the terminal: no one reads an old page unaware.

What takes longest at the start of a build is to load Sphinx. Here it is loaded once; each build is
a copy of the process that has loaded it. Where the code of the build has changed, it starts anew.

The script that reloads a page belongs to the server, not to the book: pages are given it as they
are sent, from an address of their own site, which their policy allows.
"""

import argparse
import contextlib
import functools
import hashlib
import http.server
import importlib
import json
import os
import re
import shutil
import signal
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from book_build import forks
from book_build.build import build, preview

SCRIPT = """\
const bar = document.createElement("pre");
bar.setAttribute("role", "alert");
bar.style.cssText = "position:fixed;inset:auto 0 0;z-index:9999;margin:0;max-height:50vh;" +
  "overflow:auto;padding:.8em 1em;background:#8b0000;color:#fff;white-space:pre-wrap;" +
  "font:14px/1.4 monospace";
const shown = document.querySelector("script[data-page]").dataset.page;
let number = "none";
for (;;) {
  try {
    const page = encodeURIComponent(location.pathname);
    const answer = await fetch(`/_serve/state?after=${number}&page=${page}`);
    const state = await answer.json();
    if (state.page !== shown) location.reload();
    number = state.number;
    bar.textContent = state.faults ?? '';
    state.faults ? document.body.append(bar) : bar.remove();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
"""
TAG = '<script type="module" src="/_serve/reload.js" data-page="{}"></script></body>'
PAUSE = 0.15
"""Seconds between two looks at the dates of the sources."""


class State:
    """Which build the served pages are from, and what was wrong with it.

    It is kept in a file: the process that builds writes it, the one that serves reads it.

    Parameters
    ----------
    folder : Path
        Where everything that is built goes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "serve.json"

    def pages(self) -> Path:
        """Folder of the pages to show: those with faults, where there are any."""
        failed = self.folder / "failed"
        return failed if failed.exists() else self.folder / "html"

    def faults(self) -> str:
        """Tell what was wrong with the last whole book."""
        return self.wait("").get("faults", "")

    def built(self, faults: str) -> None:
        """Note that there is a new build."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"number": str(time.time_ns()), "faults": faults}), "utf-8")
        new.replace(self.file)

    def wait(self, after: str) -> dict[str, str]:
        """Wait for another build than the given one, at most 20 seconds; tell what there is."""
        end = time.monotonic() + 20
        while True:
            told = self.file.read_text("utf-8") if self.file.exists() else '{"number": ""}'
            state: dict[str, str] = json.loads(told)
            if state["number"] != after or time.monotonic() > end:
                return state
            time.sleep(PAUSE)


def digest(page: bytes) -> str:
    """Digest of a page, but for the versions of the files that it shares with others.

    Examples
    --------
    >>> digest(b'<link href="site.css?v=12ab">') == digest(b'<link href="site.css?v=34cd">')
    True
    """
    return hashlib.sha256(re.sub(rb"\?v=\w+", b"", page)).hexdigest()


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, and the script that reloads them."""

    extensions_map: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *arguments: Any, state: State) -> None:
        self.state = state
        super().__init__(*arguments, directory=str(state.pages()))

    def translate_path(self, path: str) -> str:
        """Find a file; of a page that was just saved, the one that was written before the book."""
        found = super().translate_path(path)
        first = self.state.folder / "preview" / Path(found).relative_to(self.directory)
        return str(first) if first.suffix == ".html" and first.is_file() else found

    def do_GET(self) -> None:
        """Answer one request; that a browser no longer waits for the answer is no fault."""
        with contextlib.suppress(ConnectionError):
            self._answer()

    def _answer(self) -> None:
        address, _, query = self.path.partition("?")
        if address == "/_serve/state":
            asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
            state = self.state.wait(asked.get("after", "none"))
            state["page"] = digest(self._page(asked.get("page", "/")) or b"")
            self._send(json.dumps(state).encode(), "application/json")
        elif address == "/_serve/reload.js":
            self._send(SCRIPT.encode(), "text/javascript")
        elif page := self._page(address):
            tag = TAG.format(digest(page))
            self._send(page.replace(b"</body>", tag.encode()), "text/html")
        else:
            super().do_GET()

    def _page(self, address: str) -> bytes | None:
        """Content of the page at an address, if there is one."""
        file = Path(self.translate_path(address + "index.html" * address.endswith("/")))
        return file.read_bytes() if file.suffix == ".html" and file.is_file() else None

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the terminal is for the faults."""


def sources(root: Path, source: Path) -> Iterator[Path]:
    """List what a build depends on: the pages and what lies beside them, the code, the settings."""
    for folder in (source, root / "src"):
        for path in folder.rglob("*"):
            if "__pycache__" not in path.parts and not path.name.endswith((".tmp", "~", ".swp")):
                yield path
    yield root / "conf.py"


def dates(root: Path, source: Path) -> dict[Path, int]:
    """Note when each source was last saved."""
    noted = {}
    for path in sources(root, source):
        try:
            noted[path] = path.stat().st_mtime_ns
        except FileNotFoundError:  # an editor has just put another in its place
            continue
    return noted


def load(root: Path) -> None:
    """Load Sphinx and every extension of the book, for the builds to come."""
    from sphinx.application import builtin_extensions
    from sphinx.config import Config
    from sphinx.util.tags import Tags

    ours = Config.read(root, overrides={}, tags=Tags()).extensions
    for name in (*builtin_extensions, *ours, "sphinx_book_theme"):
        importlib.import_module(name)
    forks.server()


def apart(folder: Path, work: Callable[[], int | None]) -> str:
    """Do some work of a build in a copy of this process; give the faults.

    Returns
    -------
    str
        Empty where the work gave no exit status, or 0.
    """
    told = folder / "faults.txt"
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status: int | None = 1
        try:
            with told.open("w", encoding="utf-8") as file:
                os.dup2(file.fileno(), 2)
                status = work()
                sys.stderr.flush()
        finally:
            os._exit(status or 0)
    _, ended = os.waitpid(child, 0)
    return told.read_text("utf-8") or "The build ended without a word." if ended else ""


def watch(root: Path, source: Path, state: State) -> None:
    """Build, and again whenever something is saved, until the build's own code is."""
    before: dict[Path, int] = {}
    folder = state.folder
    while True:
        now = dates(root, source)
        if now == before:
            time.sleep(PAUSE)
            continue
        changed = {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
        if before and any(path.suffix == ".py" for path in changed):
            return
        start = time.perf_counter()
        pages = sorted(path for path in changed & now.keys() if path.suffix == ".md")
        if before and pages:
            apart(folder, functools.partial(preview, source, folder, pages))
            state.built(state.faults())
        before = now
        faults = apart(folder, functools.partial(build, source, folder))
        shutil.rmtree(folder / "preview", ignore_errors=True)
        state.built(faults)
        took = f"{time.perf_counter() - start:.1f} s"
        print(f"{faults}With faults ({took})." if faults else f"Built in {took}.", flush=True)


def serve(port: int, state: State) -> int:
    """Serve the pages from a process of their own; give its number."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(Handler, state=state)
    )
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that builds
        try:
            server.serve_forever()
        finally:
            os._exit(0)
    server.socket.close()
    return child


def main() -> int:
    """Serve the book that the command line names."""
    parser = argparse.ArgumentParser(description="Show the book while it is being written.")
    parser.add_argument("source", type=Path, help="the folder of the pages")
    parser.add_argument("folder", type=Path, help="where everything that is built goes")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    root = options.source.absolute().parent
    state = State(options.folder)
    try:
        server = serve(options.port, state)
    except OSError as fault:
        told = f"Port {options.port} cannot be had ({fault.strerror}): make serve PORT=8001"
        print(told, file=sys.stderr)
        return 1
    print(f"The book is at http://127.0.0.1:{options.port}/ (Ctrl+C ends this).", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends as by Ctrl+C
    try:
        load(root)
        watch(root, options.source, state)
    except KeyboardInterrupt:
        print()
        return 0
    finally:
        os.kill(server, signal.SIGTERM)
        os.waitpid(server, 0)
    os.execv(sys.executable, sys.orig_argv)


if __name__ == "__main__":
    sys.exit(main())
