"""MathML at build time, as a math renderer of Sphinx.

Add ``static_math.sphinx`` to the extensions. Labels, numbers and references are Sphinx's own. A
formula that cannot be converted is a warning with file and line.

After the pages are written, the font that draws their formulas is cut to the glyphs they use, and
put into the style sheet. A line of script asks for it before the first formula is drawn, or the
page would be laid out twice. A policy must allow ``font-src data:``.
"""

import base64
import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from static_math.font import characters, font_tools, stix_two, subset
from static_math.kept import kept
from static_math.latex import FormulaError, to_mathml

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
SHEET = "static_math.css"
FONT = "static_math.woff2"
_MARKS = re.compile(r"[.,;:!?)\]\u201d\u2019]+")
ASK_FOR_FONT = "document.fonts.load('1em \"Static Math\"')"


def _mathml(self: HTML5Translator, node: nodes.math | nodes.math_block, *, display: bool) -> str:
    latex = node.astext()
    try:
        return to_mathml(latex, display=display, macros=self.config.static_math_macros)
    except FormulaError as error:
        place: Any = node
        while place.parent is not None and not place.line:
            place = place.parent  # an inline formula knows no line; its paragraph does
        logger.warning("%s", error, location=place, type="math", subtype="latex")
        return f"<math><merror><mtext>{self.encode(latex)}</mtext></merror></math>"


class Punctuation(SphinxPostTransform):
    """Keep what follows a formula in a line with it: browsers break a line on both sides of one."""

    default_priority = 900  # after what puts formulas and text into the page
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Wrap each formula that is followed by a mark, together with that mark."""
        for formula in list(self.document.findall(nodes.math)):
            following = formula.next_node(siblings=True, descend=False)
            if isinstance(following, nodes.Text) and (marks := _MARKS.match(following)):
                formula.parent.replace(following, nodes.Text(following[marks.end() :]))
                kept_together = nodes.inline(classes=["unbroken"])
                formula.replace_self(kept_together)
                kept_together += [formula, nodes.Text(marks.group())]


def _visit_math(self: HTML5Translator, node: nodes.math) -> None:
    # A formula cannot be broken: where it is all of a table's cell, it scrolls in its cell.
    alone = isinstance(node.parent.parent, nodes.entry) and len(node.parent) == 1
    scrolls = {"data-scrolls": _("Formula")} if alone else {}
    self.body.append(
        self.starttag(node, "span", "", False, CLASS="math notranslate nohighlight", **scrolls)
    )
    self.body.append(_mathml(self, node, display=False) + "</span>")
    raise nodes.SkipNode


def _visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    formula = _mathml(self, node, display=True)
    self.body.append(f'<div class="formula" data-scrolls="{_("Formula")}">{formula}</div>')
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _copy_static(app: Sphinx) -> None:
    if app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        static.mkdir(parents=True, exist_ok=True)
        for file in sorted(STATIC.iterdir()):
            shutil.copyfile(file, static / file.name)


def _ask_for_font(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    if "<math" in context.get("body", ""):
        app.add_js_file(None, priority=0, body=ASK_FOR_FONT)


def _cut_font(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    shown: set[str] = set()
    for page in sorted(Path(app.outdir).rglob("*.html")):
        shown |= characters(page.read_text("utf-8"))
    font = Path(app.config.static_math_font or stix_two())
    try:
        parts = (font_tools(), font.read_bytes(), sorted(shown))
        small = kept(Path(app.doctreedir) / "kept", parts, lambda: subset(font, shown))
        data = base64.b64encode(small).decode()
    except LookupError as missing:
        raise ExtensionError(f"a formula cannot be drawn: {missing}") from None
    # A font in a file of its own comes after the first formulas are drawn, and moves them.
    rules = (STATIC / SHEET).read_text("utf-8").replace(FONT, f"data:font/woff2;base64,{data}")
    (Path(app.outdir) / "_static" / SHEET).write_text(rules, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer(
        "static_math",
        inline_renderers=(_visit_math, None),
        block_renderers=(_visit_math_block, None),
    )
    app.add_config_value("static_math_macros", {}, "env", types=frozenset({dict}))
    app.add_config_value("static_math_font", "", "html", types=frozenset({str}))
    # The one renderer that an author who names this extension can mean.
    app.connect(
        "config-inited", lambda app, config: config.__setitem__("html_math_renderer", "static_math")
    )
    app.add_post_transform(Punctuation)
    app.add_css_file(SHEET)
    app.add_js_file("static_math.js", loading_method="defer")
    app.connect("builder-inited", _copy_static)
    app.connect("html-page-context", _ask_for_font)
    app.connect("build-finished", _cut_font)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
