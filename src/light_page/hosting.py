"""What a server shall say of the site's files: ``_headers``, as an extension of Sphinx.

Netlify, Cloudflare Pages and others read that file; for other servers it is the list to set up by
hand. Add ``light_page.hosting`` to the extensions, after ``light_page.sphinx``.

A file whose address changes with its content may be kept for a year. Everything else, the pages
among it, is left to the server's own short time.

Each page carries its policy, with the hashes of its own scripts. The header repeats what is the
same for all pages, and adds what a page cannot say of itself: that no other site may frame it.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from light_page.policy import DEFAULT

YEAR = "public, max-age=31536000, immutable"

# Only the page itself knows its scripts and styles, and what nothing else is said of.
OF_THE_PAGE = ("default-src", "script-src", "style-src", "style-src-attr")

_VERSIONED = re.compile(r'\b(?:src|href)="/?((?:\w[\w.-]*/)*_static/[^"?]+)\?(?:v|digest)=')
_NAMED_BY_CONTENT = re.compile(r"\b[0-9a-f]{64}\b|\.whl$")


def page_policy(more: Mapping[str, Iterable[str]]) -> str:
    """Write what holds of every page.

    Parameters
    ----------
    more : mapping
        Sources that the pages are allowed beyond `light_page.policy.DEFAULT`.

    Returns
    -------
    str

    Examples
    --------
    >>> page_policy({}).split("; ")[0], page_policy({}).split("; ")[-1]
    ("img-src 'self' data:", "frame-ancestors 'none'")
    """
    names = [name for name in dict.fromkeys([*DEFAULT, *more]) if name not in OF_THE_PAGE]
    policy = {name: (*DEFAULT.get(name, ()), *more.get(name, ())) for name in names}
    policy |= {"object-src": ("'none'",), "frame-ancestors": ("'none'",)}
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


def kept(site: Path) -> list[str]:
    """List the files that a browser may keep: their addresses change with their content.

    Parameters
    ----------
    site : Path
        The built site.

    Returns
    -------
    list of str
        Paths from the site's root.
    """
    linked = {
        address[address.index("_static/") :]
        for page in site.glob("*.html")
        for address in _VERSIONED.findall(page.read_text("utf-8"))
    }
    named = {
        path.relative_to(site).as_posix()
        for path in (site / "_static").rglob("*")
        if path.is_file() and _NAMED_BY_CONTENT.search(path.name)
    }
    return sorted(linked | named)


def _write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    config, site = app.config, Path(app.outdir)
    rules = {
        "/*": [
            f"Content-Security-Policy: {page_policy(config.light_page_policy)}",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: strict-origin-when-cross-origin",
        ]
    }
    for path in kept(site):
        rules[f"/{path}"] = [f"Cache-Control: {YEAR}"]
    text = "".join(
        f"{path}\n" + "".join(f"  {header}\n" for header in headers)
        for path, headers in rules.items()
    )
    (site / "_headers").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", _write, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
