"""What a page needs to run its cells and exercises in the reader's browser.

The exercises of a page go into the page as JSON, from the records of `live_exercises.domain`. The
scripts are the site's own files. Without JavaScript the page reads as ever; with ``live = False``
it runs no code, and answers what is judged without Python. Settings, in ``conf.py``:

``live``
    Whether pages can run their code.
``live_sources``
    Directories, relative to ``conf.py``, that the files of `live_exercises.supply` are taken from.
"""

import contextlib
import json
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

from live_exercises.archive import archive
from live_exercises.domain import ExerciseDomain
from live_exercises.kinds import blanks, choose, order
from live_exercises.supply import (
    SupplyError,
    find,
    read_record,
    recorded_files,
    sha256,
    supply,
)
from live_exercises.trim import KEPT, LEFT_OUT, trimmed

STATIC = Path(__file__).with_name("static")
IN_PYTHON = {"code", "bug"}
"""The kinds whose answers Python judges."""
SAID = {
    **blanks.MESSAGES,
    "general": blanks.GENERAL,
    "parts": {"near": blanks.NEAR, "exact": blanks.EXACT},
    "more": choose.MORE,
    "none": choose.NONE,
    "soFar": order.SO_FAR,
    "notYet": order.NOT_YET,
}
# What Python itself and NumPy fetch; scripts are not counted, since the browser loads them itself.
FIRST = re.compile(r"pyodide\.asm\.wasm|python_stdlib\.zip|numpy-")


def embed(data: Any) -> str:
    r"""Write data as an element that a page's script reads and a browser does not run.

    Parameters
    ----------
    data : object
        Anything that JSON has a form for.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> embed({"code": "</script>"})
    '<script type="application/json" id="live-data">{"code": "\\u003c/script>"}</script>'
    """
    text = json.dumps(data).replace("<", "\\u003c")
    return f'<script type="application/json" id="live-data">{text}</script>'


def version() -> str:
    """Name this state of all files that the worker loads, so that no browser mixes two states."""
    parts = [json.dumps([read_record(), LEFT_OUT, KEPT]).encode(), archive()]
    parts += [path.read_bytes() for path in sorted(STATIC.iterdir())]
    return sha256(b"".join(parts))[:12]


def is_page(app: Sphinx) -> bool:
    """Whether the pages have scripts: those of a site have, and not those of an e-book."""
    return app.builder.format == "html" and app.builder.name != "epub"


def is_live(app: Sphinx) -> bool:
    """Whether the pages can run code."""
    return bool(app.config.live) and is_page(app)


def _enliven(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put into a page what its scripts must know, and the scripts that it needs."""
    if doctree is None or not is_page(app) or page == app.config.root_doc:
        return  # the cover only draws
    domain = app.env.domains["exercise"]
    assert isinstance(domain, ExerciseDomain)
    exercises = {
        entry.record.name: {"title": entry.title, **entry.record.data()}
        for entry in domain.of(page)
    }
    kinds = {exercise["kind"] for exercise in exercises.values()}
    runs = app.config.live and ("kernelspec" in app.env.metadata.get(page, {}) or kinds & IN_PYTHON)
    if not exercises and not runs:
        return
    data = {
        "page": page,
        "title": context.get("title", page),
        "version": app.config.live_version,
        "megabytes": app.config.live_megabytes,
        "exercises": exercises,
        "said": SAID,
    }
    context["body"] += embed(data)
    app.add_css_file("live/live.css")
    app.add_js_file("live/work.js", loading_method="defer")
    if kinds - IN_PYTHON:
        app.add_js_file("live/arithmetic.js", loading_method="defer")
        app.add_js_file("live/questions.js", loading_method="defer")
    if runs:
        app.add_js_file("live/live.js", loading_method="defer")


def megabytes(sources: Sequence[Path]) -> float:
    """Tell how much is fetched before the first line of code runs, Matplotlib left out."""
    recorded = recorded_files(read_record())
    names = [PurePosixPath(path).name for path in recorded if path.startswith("pyodide/")]
    first = {name: recorded[f"pyodide/{name}"] for name in names if FIRST.match(name)}
    files = [(name, find(name, digest, sources)) for name, digest in first.items()]
    sizes = [len(trimmed(name, path.read_bytes())) for name, path in files]
    return round((sum(sizes) + len(archive())) / 1e6, 2)


def _note_version(app: Sphinx, config: Config) -> None:
    if config.live:
        config.live_version = version()
        sources = [Path(app.confdir) / source for source in config.live_sources]
        with contextlib.suppress(SupplyError):  # told in the end, by what brings the files
            config.live_megabytes = megabytes(sources)


def _bring_files(app: Sphinx, error: Exception | None) -> None:
    if error is not None or not is_live(app):
        return
    target = Path(app.outdir) / "_static"
    sources = [Path(app.confdir) / source for source in app.config.live_sources]
    try:
        supply(target, sources)
    except SupplyError as fault:
        looked_in = ", ".join(map(str, sources))
        raise ExtensionError(
            f"what runs in the reader's browser is incomplete: {fault} (looked in {looked_in}). "
            "`make html` fetches it; `make html LIVE=0` builds the book without it."
        ) from None
    (target / "live/book.zip").write_bytes(archive())


def _copy_scripts(app: Sphinx) -> None:
    if is_page(app):
        copy_asset(STATIC, Path(app.outdir) / "_static/live", force=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("live", False, "html", bool)
    # No page depends on either: it does not say where the files were, and names their state itself.
    app.add_config_value("live_sources", [], "", list)
    app.add_config_value("live_version", "", "", str)
    app.add_config_value("live_megabytes", 1.0, "", float)
    app.connect("config-inited", _note_version)
    app.connect("builder-inited", _copy_scripts)
    app.connect("html-page-context", _enliven)
    app.connect("build-finished", _bring_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
