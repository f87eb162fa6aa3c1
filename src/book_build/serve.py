"""Show the book in a browser while it is being written.

``python -m book_build.serve book _build``, which ``make serve`` runs, builds the book, serves it on
this machine, and builds again whenever a source is saved. Open pages then reload by themselves. A
book with faults is shown as it is, with the faults in a bar at the foot of each page, and in the
terminal: no one reads an old page unaware.

What takes longest at the start of a build is to load Sphinx. Here it is loaded once; each build is
a copy of the process that has loaded it. Where the code of the build has changed, it starts anew.

The script that reloads a page belongs to the server, not to the book: pages are given it as they
are sent, from an address of their own site, which their policy allows.
"""

import argparse
import functools
import http.server
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from book_build.build import build

SCRIPT = """\
const bar = document.createElement("pre");
bar.setAttribute("role", "alert");
bar.style.cssText = "position:fixed;inset:auto 0 0;z-index:9999;margin:0;max-height:50vh;" +
  "overflow:auto;padding:.8em 1em;background:#8b0000;color:#fff;white-space:pre-wrap;" +
  "font:14px/1.4 monospace";
let seen = null;
for (;;) {
  try {
    const answer = await fetch(`/_serve/state?after=${seen ?? 'none'}`);
    const state = await answer.json();
    if (seen !== null && state.number !== seen) location.reload();
    seen = state.number;
    bar.textContent = state.faults ?? '';
    state.faults ? document.body.append(bar) : bar.remove();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
"""
TAG = b'<script type="module" src="/_serve/reload.js"></script>'
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

    def built(self, faults: str) -> None:
        """Note that there is a new build."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"number": str(time.time_ns()), "faults": faults}), "utf-8")
        new.replace(self.file)

    def wait(self, after: str) -> str:
        """Wait for another build than the given one, at most 20 seconds; tell what there is."""
        end = time.monotonic() + 20
        while True:
            told = self.file.read_text("utf-8") if self.file.exists() else '{"number": ""}'
            if json.loads(told)["number"] != after or time.monotonic() > end:
                return told
            time.sleep(PAUSE)


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

    def do_GET(self) -> None:
        """Answer one request."""
        address, _, query = self.path.partition("?")
        if address == "/_serve/state":
            self._send(self.state.wait(query.partition("=")[2]).encode(), "application/json")
        elif address == "/_serve/reload.js":
            self._send(SCRIPT.encode(), "text/javascript")
        elif (file := Path(self.translate_path(address))).suffix == ".html" and file.is_file():
            self._send(file.read_bytes().replace(b"</body>", TAG + b"</body>"), "text/html")
        elif file.is_dir() and (file / "index.html").is_file() and address.endswith("/"):
            self.path = f"{address}index.html"
            self.do_GET()
        else:
            super().do_GET()

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
    from sphinx.config import Config
    from sphinx.util.tags import Tags

    for name in Config.read(root, overrides={}, tags=Tags()).extensions:
        importlib.import_module(name)
    for name in ("sphinx.application", "sphinx.builders.html", "sphinx_book_theme"):
        importlib.import_module(name)


def build_apart(source: Path, folder: Path) -> str:
    """Build in a copy of this process; give the faults.

    Returns
    -------
    str
        Empty where the book has passed.
    """
    told = folder / "faults.txt"
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with told.open("w", encoding="utf-8") as file:
                os.dup2(file.fileno(), 2)
                status = build(source, folder)
                sys.stderr.flush()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return told.read_text("utf-8") or "The build ended without a word." if status else ""


def watch(root: Path, source: Path, state: State) -> None:
    """Build, and again whenever something is saved, until the build's own code is."""
    before: dict[Path, int] = {}
    while True:
        now = dates(root, source)
        if now == before:
            time.sleep(PAUSE)
            continue
        changed = {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
        if before and any(path.suffix == ".py" for path in changed):
            return
        before = now
        start = time.perf_counter()
        faults = build_apart(source, state.folder)
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
