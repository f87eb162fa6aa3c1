"""Report a fault in every build until it is mended.

Sphinx reads a page again only when its source changed. So a build that failed with a warning would
pass when it is simply run again. This extension remembers on which pages a build warned, in a file
beside the pages' stored forms, and has Sphinx read these pages again in the next build.
"""

import json
import logging
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import NAMESPACE, WarningStreamHandler, get_node_location

MEMORY = "pages-with-faults.json"


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


def _memory(app: Sphinx) -> Path:
    return Path(app.doctreedir) / MEMORY


def _listen(app: Sphinx) -> None:
    handler = FaultyPages(app)
    logger = logging.getLogger(NAMESPACE)
    for other in logger.handlers:
        if isinstance(other, WarningStreamHandler):
            # Sphinx's own filters: what the author asked to suppress is no fault.
            for filter_ in other.filters:
                if type(filter_).__name__ == "WarningSuppressor":
                    handler.addFilter(filter_)
    logger.addHandler(handler)
    app.connect("build-finished", lambda app, error: _remember(app, handler), priority=900)


def _remember(app: Sphinx, handler: FaultyPages) -> None:
    logging.getLogger(NAMESPACE).removeHandler(handler)
    _memory(app).write_text(json.dumps(sorted(handler.pages)), encoding="utf-8")


def _read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Pages on which the last build warned."""
    memory = _memory(app)
    if not memory.exists():
        return []
    return [page for page in json.loads(memory.read_text("utf-8")) if page in env.found_docs]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", _listen)
    app.connect("env-get-outdated", _read_again)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
