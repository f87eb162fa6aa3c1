"""Light, safe and accessible pages, as an extension of Sphinx.

Add ``light_page.sphinx`` to the extensions. Settings:

``light_page_figures``
    For each colour of the drawings, the one that replaces it on a dark page.
``light_page_policy``
    Sources to allow beyond the site itself, by directive of the Content-Security-Policy.
``light_page_unused``
    Names of script files that no page needs.
``light_page_keep``
    Classes that only scripts of other origin than the site's own files set.

The pages are finished after all of them are written: only then is it known what the site shows. So
every build writes every page.
"""

import hashlib
import posixpath
import re
from functools import partial
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from light_page.figures import dark_rules, inline_figures
from light_page.icons import draw_icons, icon_set, signs
from light_page.policy import with_policy
from light_page.repairs import repair
from light_page.scripts import tidy_scripts
from light_page.styles import moved, notices, script_words, style_tools, used_rules, words
from static_math.font import cut, font_tools
from static_math.kept import kept

SHEET = "_static/site.css"

_LINK = re.compile(
    r'[ \t]*<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="([^"?]*)(?:\?[^"]*)?"[^>]*>\n?'
)
_IMPORT = re.compile(r"@import\s+(?:url\()?[\"']([^\"']+)[\"']\)?\s*;")
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_SOURCE = re.compile(r'<script\b[^>]*\b(?:src|data-late)="([^"?]*)')
_SVG = re.compile(r'\bsrc="([^"]*\.svg)"')

# Icons as Font Awesome's script sets them in the line; it brings these rules itself otherwise.
ICON_RULES = """
.svg-inline--fa { display: inline-block; height: 1em; overflow: visible; vertical-align: -.125em }
.svg-inline--fa.fa-lg { font-size: 1.25em; line-height: .05em; vertical-align: -.075em }
.svg-inline--fa.fa-fw { width: 1.25em; text-align: center }
"""

# A drawing: in the page's font, whole on a wide page; on a narrow one it scrolls in its own box.
DRAWING_RULES = """
.drawing { display: block; max-width: 100%; overflow: auto hidden; text-align: center }
.drawing svg { height: auto; max-width: 100%; font-family: inherit; fill: currentColor }
.drawing svg * { stroke-linecap: butt; stroke-linejoin: round }
"""


class Site:
    """The written site, and what was found out about it.

    Parameters
    ----------
    app : Sphinx
        The build.
    """

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.root = Path(app.outdir)
        self.kept = Path(app.doctreedir) / "kept"
        self.pages = {
            path: path.read_text("utf-8")
            for path in sorted(self.root.rglob("*.html"))
            if "_static" not in path.relative_to(self.root).parts
        }

    def place(self, page: Path, address: str) -> Path:
        """File that an address on a page leads to."""
        if address.startswith("/"):  # on the page for what does not exist, wherever the site is
            _, folder, name = address.partition("_static/")
            return self.root / (folder + name)
        return Path(posixpath.normpath((page.parent / address).as_posix()))

    def finish(self) -> None:
        """Finish every page, and write the style sheet that all of them share."""
        script = self.root / "_static" / "scripts" / "fontawesome.js"
        icons = icon_set(script) if script.exists() else {}
        sheets: list[str] = []
        unused = {"fontawesome.js", *self.app.config.light_page_unused}
        for path, page in self.pages.items():
            is_search = path.name == "search.html"
            # Only the page that shows what was found needs what finds it.
            finders = (
                set() if is_search else {"searchtools.js", "language_data.js", "searchindex.js"}
            )
            page = tidy_scripts(page, unused | finders)
            page = draw_icons(page, icons)
            page = inline_figures(page, self._drawings(path, page))
            page = repair(_once(_VIEWPORT, page))
            for address in _LINK.findall(page):
                name = self.place(path, address).relative_to(self.root).as_posix()
                if name not in sheets:
                    sheets.append(name)
            self.pages[path] = page
        text = self._styles(sheets)
        known = self._known()
        parts = (style_tools(), text, sorted(known))
        used = kept(self.kept, parts, lambda: used_rules(text, known).encode()).decode()
        sheet = f"{notices(text)}\n{used}{self._dark()}\n"
        (self.root / SHEET).write_text(sheet, encoding="utf-8")
        digest = hashlib.sha256(sheet.encode()).hexdigest()[:8]
        for path, page in self.pages.items():
            linked = with_policy(_link(page, digest), self.app.config.light_page_policy)
            path.write_text(linked, encoding="utf-8")
        self._icon_fonts(sheet)

    def _drawings(self, path: Path, page: str) -> dict[str, str]:
        files = {address: self.place(path, address) for address in _SVG.findall(page)}
        return {
            address: file.read_text("utf-8")
            for address, file in files.items()
            if file.exists() and "_images" in file.parts
        }

    def _known(self) -> set[str]:
        """Every class and name that an element of the site may have."""
        known = set(self.app.config.light_page_keep)
        scripts = set()
        for path, page in self.pages.items():
            known |= words(page)
            scripts |= {self.place(path, source) for source in _SOURCE.findall(page)}
        for script in sorted(scripts):
            if script.exists() and script.name != "searchindex.js":
                known |= script_words(script.read_text("utf-8"))
        return known

    def _styles(self, sheets: list[str]) -> str:
        """Text of all style sheets, in the order in which they apply."""
        # The site's own style sheets have the last word, whichever page linked to one first.
        own = {f"_static/{name}" for name in self._own_sheets()}
        existing = [name for name in sheets if (self.root / name).exists()]
        theirs = [self._style(name) for name in existing if name not in own]
        ours = [self._style(name) for name in existing if name in own]
        return "\n".join([*theirs, ICON_RULES, DRAWING_RULES, *ours])

    def _dark(self) -> str:
        """Rules that draw the figures in other colours on a dark page."""
        colours = self.app.config.light_page_figures
        return dark_rules(colours) if colours else ""

    def _own_sheets(self) -> list[str]:
        """Names of the style sheets that the site's settings name."""
        return [
            file if isinstance(file, str) else file[0] for file in self.app.config.html_css_files
        ]

    def _style(self, name: str) -> str:
        """Text of a style sheet, with those that it imports in their place."""
        folder = posixpath.dirname(name)
        text = moved((self.root / name).read_text("utf-8"), folder, posixpath.dirname(SHEET))

        def imported(match: re.Match[str]) -> str:
            return self._style(posixpath.normpath(posixpath.join(folder, match[1])))

        return _IMPORT.sub(imported, text)

    def _icon_fonts(self, sheet: str) -> None:
        """Cut the fonts that the style sheet draws icons with."""
        shown = signs([sheet])
        for font in sorted((self.root / "_static" / "vendor").rglob("*.woff2")):
            parts = (font_tools(), font.read_bytes(), sorted(shown))
            font.write_bytes(kept(self.kept, parts, partial(cut, font, shown)))


def _link(page: str, digest: str) -> str:
    """Link a page to the one style sheet, where it linked to the first of many."""
    first = _LINK.search(page)
    if first is None:
        return page
    # Wherever the page stands, this is how it writes the way to the site's own files.
    address = first[1].partition("_static/")[0] + SHEET
    tag = f'<link rel="stylesheet" href="{address}?v={digest}">\n'
    return page[: first.start()] + tag + _LINK.sub("", page[first.end() :])


def _once(pattern: re.Pattern[str], page: str) -> str:
    """Keep the first of several matches on a page alone."""
    first = pattern.search(page)
    if first is None:
        return page
    return page[: first.end()] + pattern.sub("", page[first.end() :])


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    try:
        Site(app).finish()
    except LookupError as missing:
        raise ExtensionError(str(missing)) from None


def _write_all(app: Sphinx, env: BuildEnvironment) -> list[str]:
    return list(env.all_docs) if app.builder.format == "html" else []


# A file that belongs to a feature is linked on the pages that use the feature.
FEATURES = {
    "sphinx-design.min.css": "sd-",
    "design-tabs.js": "sd-tab-",
    "copybutton.css": "<pre",
    "copybutton.js": "<pre",
    "copybutton_funcs.js": "<pre",
    "clipboard.min.js": "<pre",
}


def _leave_out(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Leave out the files of features that the page does not use."""
    body = context.get("body", "")
    for kind in ("css_files", "script_files"):
        context[kind] = [
            file
            for file in context.get(kind, [])
            if FEATURES.get(posixpath.basename(str(getattr(file, "filename", file) or "")), "")
            in body
        ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("light_page_figures", {}, "html", types=frozenset({dict}))
    app.add_config_value("light_page_policy", {}, "html", types=frozenset({dict}))
    app.add_config_value("light_page_unused", [], "html", types=frozenset({list}))
    app.add_config_value("light_page_keep", [], "html", types=frozenset({list}))
    app.connect("env-updated", _write_all)
    app.connect("html-page-context", _leave_out, priority=900)
    app.connect("build-finished", _finish, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
