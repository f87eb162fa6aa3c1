"""Read every page again that is no longer what its source says, and no other.

Sphinx reads a page again when a file that it depends on has a newer date than the last reading.
Dates tell too little: a file copied from a backup is older than what it replaces, and a build that
was broken off has read pages that it did not note. So three things more are remembered, and a page
is read again when one of them says so:

- **content**: a fingerprint of the page's source and of everything it depends on;
- **faults**: the pages on which the last build warned, so that a fault is reported until it is
  mended, and those that it was reading when it was broken off;
- **tools**: a fingerprint of the installed packages and of the code that makes and checks the
  pages. When it changes, every page is read again.
"""

import functools
import hashlib
import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import NAMESPACE, WarningStreamHandler, get_node_location

from book_build.outputs import TAUGHT

CODE = Path(__file__).parent.parent
MEMORY = "pages-to-read-again.json"


def fingerprint(names: Iterable[str], files: Iterable[Path]) -> str:
    """Fingerprint of names, such as those of packages, and of files.

    Parameters
    ----------
    names : iterable of str
        The names, in any order.
    files : iterable of Path
        The files, in any order. Their names and contents count, not their folder or date.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> fingerprint(["numpy-2.4"], []) == fingerprint(["numpy-2.5"], [])
    False
    >>> fingerprint(["a-1", "b-1"], []) == fingerprint(["b-1", "a-1"], [])
    True
    """
    digest = hashlib.sha256(repr(sorted(names)).encode())
    for file in sorted(files):
        digest.update(repr((file.name, file.read_bytes())).encode())
    return digest.hexdigest()[:16]


def installed() -> set[str]:
    """Name the installed packages, with their versions: each brings a folder of such a name.

    To ask `importlib.metadata` takes a fifth of a second longer.
    """
    return {path.name for place in sys.path for path in Path(place).glob("*.dist-info")}


def tools() -> str:
    """Fingerprint of what makes and checks the pages; what the chapters run is watched by page."""
    watched = {CODE / package for package in TAUGHT}
    files = (
        file
        for file in CODE.rglob("*")
        if file.suffix in {".py", ".lark", ".js", ".toml"} and not watched & set(file.parents)
    )
    return fingerprint(installed(), files)


class Contents:
    """What the pages were read from.

    Parameters
    ----------
    env : BuildEnvironment
        The pages' stored forms. What was read is kept with them.
    """

    def __init__(self, env: BuildEnvironment) -> None:
        self.env = env
        if not hasattr(env, "read_from"):
            env.read_from = {}  # type: ignore[attr-defined]
        self.read_from: dict[str, str] = env.read_from  # type: ignore[attr-defined]

    def now(self, page: str) -> str:
        """Fingerprint of what a page would be read from now."""
        files = sorted({str(self.env.doc2path(page)), *self._dependencies(page)})
        return hashlib.sha256("".join(_digest(file) for file in files).encode()).hexdigest()[:16]

    def _dependencies(self, page: str) -> Iterator[str]:
        for name in self.env.dependencies.get(page, ()):
            yield str(Path(self.env.srcdir, name))

    def note(self, page: str, started: float) -> None:
        """Note what a page has been read from, unless some of it was saved meanwhile."""
        files = [self.env.doc2path(page), *map(Path, self._dependencies(page))]
        saved_since = [file for file in files if file.exists() and file.stat().st_mtime > started]
        self.read_from[page] = "" if saved_since else self.now(page)


@functools.cache
def _digest(file: str) -> str:
    path = Path(file)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"


class FaultyPages(logging.Handler):
    """Collects the pages that warnings speak of.

    Parameters
    ----------
    app : Sphinx
        The build.
    """

    def __init__(self, app: Sphinx) -> None:
        super().__init__(logging.WARNING)
        self.app = app
        self.pages: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Note the page of one warning; one without a page concerns all of them."""
        page = _page_of(getattr(record, "location", None), self.app)
        self.pages.update([page] if page else self.app.env.found_docs)


def _page_of(location: Any, app: Sphinx) -> str | None:
    """Name of the page that a warning's location lies in, or None."""
    if isinstance(location, tuple):
        location = location[0]
        if location in app.env.found_docs:
            return str(location)
    elif location is not None and not isinstance(location, str):
        location = get_node_location(location)
    if not location:
        return None
    # A location reads "path", "path:line" or "path:docstring of name:line".
    path = str(location)
    while path:
        page = app.env.path2doc(path)
        if page in app.env.found_docs:
            return page
        path = path.rpartition(":")[0]
    return None


class Memory:
    """The pages to read again in the next build, in a file beside the pages' stored forms.

    Parameters
    ----------
    app : Sphinx
        The build.
    """

    def __init__(self, app: Sphinx) -> None:
        self.file = Path(app.doctreedir) / MEMORY

    def read(self) -> set[str]:
        """Read the file. One that was cut off is from a moment before pages were read."""
        try:
            return set(json.loads(self.file.read_text("utf-8")))
        except (OSError, ValueError):
            return set()

    def write(self, pages: Iterable[str]) -> None:
        """Write the file, whole or not at all."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(sorted(pages)), encoding="utf-8")
        new.replace(self.file)


def _start(app: Sphinx) -> None:
    _digest.cache_clear()
    started = time.time()
    handler = FaultyPages(app)
    logger = logging.getLogger(NAMESPACE)
    for other in logger.handlers:
        if isinstance(other, WarningStreamHandler):
            # Sphinx's own filters: what the author asked to suppress is no fault.
            for filter_ in other.filters:
                if type(filter_).__name__ == "WarningSuppressor":
                    handler.addFilter(filter_)
    logger.addHandler(handler)

    def note(app: Sphinx, doctree: Any) -> None:
        Contents(app.env).note(app.env.docname, started)

    def finish(app: Sphinx, error: Exception | None) -> None:
        logger.removeHandler(handler)
        if error is None:  # else what was being read counts as not read
            Memory(app).write(handler.pages)

    app.connect("doctree-read", note, priority=900)
    app.connect("build-finished", finish, priority=950)


def _read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    contents = Contents(env)
    known = (env.found_docs & env.all_docs.keys()) - added - changed
    other = {page for page in known if contents.read_from.get(page) != contents.now(page)}
    return sorted(other | (Memory(app).read() & env.found_docs))


def _before_reading(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    if pages:
        Memory(app).write(Memory(app).read().union(pages))


def _deal(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Give each process that reads pages as much to do: Sphinx would part them by the alphabet."""
    by_size = sorted(pages, key=lambda page: -env.doc2path(page).stat().st_size)
    pages[:] = [page for first in range(app.parallel) for page in by_size[first :: app.parallel]]


def _forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    Contents(env).read_from.pop(page, None)


def _merge(app: Sphinx, env: BuildEnvironment, pages: list[str], other: BuildEnvironment) -> None:
    mine, theirs = Contents(env).read_from, Contents(other).read_from
    mine.update({page: theirs[page] for page in pages if page in theirs})


def _note_tools(app: Sphinx, config: Config) -> None:
    config.made_with = tools()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("made_with", "", "env", types=[str])
    app.connect("config-inited", _note_tools)
    app.connect("builder-inited", _start)
    app.connect("env-get-outdated", _read_again)
    app.connect("env-before-read-docs", _before_reading)
    app.connect("env-before-read-docs", _deal)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
