"""Make every page anew when what it is made with has changed.

Sphinx reads a page again when its text has changed, or the taught code that it runs. But a page
also depends on the installed packages, whose newer version may print other digits, and on the
extensions that check it, which may have become stricter. Their fingerprint is a setting of the
build: where it differs from the last build's, every page is read, run and checked again.
"""

import hashlib
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from book_build.outputs import TAUGHT

HERE = Path(__file__).parent.parent


def fingerprint(versions: Iterable[tuple[str, str]], files: Iterable[Path]) -> str:
    """Fingerprint of what the pages are made with.

    Parameters
    ----------
    versions : iterable of pairs of str
        The installed packages and their versions, in any order.
    files : iterable of Path
        The code that makes and checks the pages, in any order.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> fingerprint([("numpy", "2.4")], []) == fingerprint([("numpy", "2.5")], [])
    False
    >>> fingerprint([("a", "1"), ("b", "1")], []) == fingerprint([("b", "1"), ("a", "1")], [])
    True
    """
    digest = hashlib.sha256(repr(sorted(versions)).encode())
    for file in sorted(files):
        digest.update(repr((file.name, file.read_bytes())).encode())
    return digest.hexdigest()[:16]


def _set(app: Sphinx, config: Config) -> None:
    installed = ((each.name, each.version) for each in distributions())
    # What the chapters run is watched page by page.
    watched = {HERE / package for package in TAUGHT}
    files = (
        file
        for file in HERE.rglob("*")
        if file.suffix in {".py", ".lark", ".js", ".toml"} and not watched & set(file.parents)
    )
    config.made_with = fingerprint(installed, files)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("made_with", "", "env", types=[str])
    app.connect("config-inited", _set)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
