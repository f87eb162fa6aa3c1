"""What a page needs to run its cells and exercises in the reader's browser.

The exercises of a page go into the page as JSON, from the same source as what the page shows. The
scripts are the site's own files. Without JavaScript, or with ``live = False``, the page reads as
ever. Settings, in ``conf.py``:

``live``
    Whether pages can run their code.
``live_sources``
    Directories, relative to ``conf.py``, that the files of `live_exercises.supply` are taken from.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

from live_exercises.archive import archive
from live_exercises.exercise import Exercise
from live_exercises.sphinx import exercise
from live_exercises.supply import (
    SupplyError,
    find,
    read_record,
    recorded_files,
    sha256,
    supply,
)

STATIC = Path(__file__).with_name("static")
# What Python itself and NumPy fetch; scripts are not counted, since the browser loads them itself.
FIRST = re.compile(r"pyodide\.asm\.wasm|python_stdlib\.zip|numpy-")


def as_data(record: Exercise, title: str) -> dict[str, str]:
    """Give what the page's script must know of an exercise.

    Parameters
    ----------
    record : Exercise
        The exercise.
    title : str
        The heading that it stands under.

    Returns
    -------
    dict of str to str
        Its code. The wrong answers are not among it: they would tell the reader too much.

    Examples
    --------
    >>> record = Exercise("double", "def ...", "assert ...", "def double ...", (), 7)
    >>> sorted(as_data(record, "Twice as much"))
    ['checks', 'name', 'solution', 'starter', 'title']
    """
    return {
        "name": record.name,
        "title": title,
        "starter": record.starter,
        "checks": record.checks,
        "solution": record.solution,
    }


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


def _exercises(doctree: nodes.document) -> Iterator[dict[str, str]]:
    for node in doctree.findall(exercise):
        section = node.parent
        while not isinstance(section, nodes.section | nodes.document):
            section = section.parent
        heading = section.next_node(nodes.title)
        yield as_data(node["exercise"], heading.astext() if heading else node["exercise"].name)


def version() -> str:
    """Name this state of all files that the worker loads, so that no browser mixes two states."""
    parts = [json.dumps(read_record()).encode(), archive()]
    parts += [path.read_bytes() for path in sorted(STATIC.iterdir())]
    return sha256(b"".join(parts))[:12]


def is_live(app: Sphinx) -> bool:
    """Whether the pages can run code: those of a site, and not those of an e-book."""
    return bool(app.config.live) and app.builder.format == "html" and app.builder.name != "epub"


def _enliven(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is None or not is_live(app) or page == app.config.root_doc:
        return  # the cover only draws
    exercises = list(_exercises(doctree))
    runs = "kernelspec" in app.env.metadata.get(page, {})
    if not exercises and not runs:
        return
    data = {
        "page": page,
        "title": context.get("title", page),
        "version": app.config.live_version,
        "megabytes": app.config.live_megabytes,
        "exercises": exercises,
    }
    context["body"] += embed(data)
    app.add_css_file("live/live.css")
    app.add_js_file("live/live.js", loading_method="defer")


def megabytes(sources: Sequence[Path]) -> float:
    """Tell how much is fetched before the first line of code runs, Matplotlib left out."""
    files = recorded_files(read_record())
    names = [PurePosixPath(path).name for path in files if path.startswith("pyodide/")]
    first = {name: files[f"pyodide/{name}"] for name in names if FIRST.match(name)}
    sizes = [find(name, digest, sources).stat().st_size for name, digest in first.items()]
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
    if is_live(app):
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
