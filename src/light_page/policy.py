"""A Content-Security-Policy that names each inline script by its hash.

The policy stands in the page itself, so it holds on every server and from a file.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Mapping

# Scripts that are data (JSON and the like) are not run, and need no leave.
_SCRIPT = re.compile(
    r"<script\b(?![^>]*\bsrc=)(?![^>]*\btype=\"(?!module|text/javascript)[^\"]*\")[^>]*>(.*?)</script>",
    re.DOTALL,
)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_HANDLER = re.compile(r'\son\w+="([^"]*)"')
_TAG = re.compile(r"<[a-zA-Z][^>]*>")

DEFAULT = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    # A style attribute can neither fetch nor run anything; formulas and figures need them.
    "style-src-attr": ("'unsafe-inline'",),
    "img-src": ("'self'", "data:"),
    "font-src": ("'self'", "data:"),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
}
"""What a page may load: things of its own site, and nothing else."""


def sha256(text: str) -> str:
    """Hash an inline script, as a policy writes it.

    Parameters
    ----------
    text : str
        What stands between the tags, to the last blank.

    Returns
    -------
    str

    Examples
    --------
    >>> sha256("doSomething();")
    "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def policy(page: str, more: Mapping[str, Iterable[str]] | None = None) -> str:
    """Write the policy for one page.

    Parameters
    ----------
    page : str
        The finished page. A change of an inline script after this makes the browser refuse it.
    more : mapping, optional
        Sources to allow beyond `DEFAULT`, by directive: a page that runs WebAssembly in a worker
        needs ``{"worker-src": ["blob:"], "script-src": ["'wasm-unsafe-eval'"]}``.

    Returns
    -------
    str

    Examples
    --------
    >>> policy("<script>go()</script>", {"worker-src": ["'self'"]}).split("; ")[1]
    "script-src 'self' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"
    >>> policy("<p>", {"worker-src": ["'self'"]}).split("; ")[-1]
    "worker-src 'self'"
    """
    directives = {name: _unique(sources) for name, sources in DEFAULT.items()}
    for name, sources in (more or {}).items():
        directives[name] = _unique((*directives.get(name, ()), *sources))
    # Where attributes run code, each is named by its hash too.
    handlers = [html.unescape(code) for tag in _TAG.findall(page) for code in _HANDLER.findall(tag)]
    scripts = [sha256(text) for text in (*_SCRIPT.findall(page), *handlers)]
    directives["script-src"] = _unique(
        (*directives["script-src"], *(["'unsafe-hashes'"] if handlers else []), *scripts)
    )
    styles = [sha256(text) for text in _STYLE.findall(page)]
    directives["style-src"] = _unique((*directives["style-src"], *styles))
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def with_policy(page: str, more: Mapping[str, Iterable[str]] | None = None) -> str:
    """Put the policy into the head of a page, before anything that it speaks of.

    Parameters
    ----------
    page : str
        The finished page, without a policy.
    more : mapping, optional
        As in `policy`.

    Returns
    -------
    str

    Examples
    --------
    >>> with_policy('<head><meta charset="utf-8" /><title>')[:80]
    '<head><meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content'
    """
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy(page, more)}">'
    return re.sub(r"<meta charset=[^>]*>", lambda match: match[0] + tag, page, count=1)
