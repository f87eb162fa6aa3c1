"""Drawings in SVG as part of the page: in its font, in its colours, with a description.

A drawing that is linked knows neither the page's font nor whether it is dark. One that stands in
the page is drawn with both. Colours become CSS variables, whose values for the dark page a style
sheet gives; text is text of the page.
"""

import hashlib
import html
import re
from collections.abc import Mapping

_IMAGE = re.compile(r'<img\b(?P<attributes>[^>]*\bsrc="(?P<source>[^"]*\.svg)"[^>]*)/?>')
_ATTRIBUTE = re.compile(r'\b([\w-]+)="([^"]*)"')
_HEAD = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_DROPPED = re.compile(r"<metadata>.*?</metadata>|<style\b.*?</style>|<!--.*?-->", re.DOTALL)
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"[^>]*?>')
_DESCRIPTION = re.compile(r'<g id="description">\s*<text[^>]*>(.*?)</text>\s*</g>', re.DOTALL)
_FAMILY = re.compile(
    r"font(-size)?: ((?:\w+ )*)([\d.]+)px[^;\"]*?(?=;|\")(?:; font-family: [^;\"]*)?"
)
_NUMBER = re.compile(r"(?<![\w#.-])-?\d+\.\d{3,}")
_TAG = re.compile(r"<[^>]*>")
_OPENING = re.compile(r"<svg\b[^>]*>")
_EMPTY = re.compile(r"<(g|defs)(?: id=\"[^\"]*\")?>\s*</\1>")

# A drawing shrinks with the page to this part of its size, and then scrolls in its own box.
LEAST = 0.61


def description(drawing: str) -> str:
    """Tell what a drawing says about itself, in an invisible text of the group ``description``.

    Parameters
    ----------
    drawing : str
        SVG.

    Returns
    -------
    str
        Empty where it says nothing.

    Examples
    --------
    >>> description('<svg><g id="description"><text style="opacity: 0">y &lt; 1</text></g></svg>')
    'y < 1'
    """
    match = _DESCRIPTION.search(drawing)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", match[1])).split()) if match else ""


def colour(name: str) -> str:
    """Write a colour of a drawing as a CSS variable that falls back to the colour itself.

    Examples
    --------
    >>> colour("#0072B2")
    'var(--drawing-0072b2, #0072b2)'
    """
    name = name.lower()
    return f"var(--drawing-{name.removeprefix('#')}, {name})"


def _shortened(number: re.Match[str]) -> str:
    """Write a coordinate to a hundredth of a point."""
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def dark_rules(dark: Mapping[str, str]) -> str:
    """Write the style sheet that gives each colour its value on a dark page.

    Parameters
    ----------
    dark : mapping
        For each colour of the drawings, as ``#rrggbb``, the one that replaces it.

    Returns
    -------
    str

    Examples
    --------
    >>> print(dark_rules({"#ffffff": "#121212"}))
    @media screen { html[data-theme="dark"] { --drawing-ffffff: #121212; } }
    """
    values = " ".join(
        f"--drawing-{light.lower().removeprefix('#')}: {dim};" for light, dim in dark.items()
    )
    return f'@media screen {{ html[data-theme="dark"] {{ {values} }} }}'


def inline(drawing: str, alt: str, classes: str = "") -> str:
    r"""Make a drawing an element of a page.

    Parameters
    ----------
    drawing : str
        An SVG file, as Matplotlib writes it with its text as text.
    alt : str
        What is to be seen. What the drawing says about itself is added.
    classes : str, optional
        Classes of the image that it replaces.

    Returns
    -------
    str
        The drawing in a box of its own, with its size set in advance.

    Examples
    --------
    >>> svg = '<?xml?><svg width="75pt" height="30pt" viewBox="0 0 75 30"><g id="a"/></svg>'
    >>> print(inline(svg, "A").replace(" viewBox", "\nviewBox").replace(" role", "\nrole"))
    <span class="drawing" data-scrolls="Figure"><svg class=""
    role="img" aria-label="A" width="100" height="40" style="min-width:61px"
    viewBox="0 0 75 30"><g/></svg></span>
    """
    says = description(drawing)
    svg = _DROPPED.sub("", _HEAD.sub("", drawing, count=1))
    svg = _DESCRIPTION.sub("", svg)
    # What names are for in a drawing is to be pointed at. In a page they have to be unique too.
    mark = "d" + hashlib.sha256(drawing.encode()).hexdigest()[:6]
    pointed = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(
        r' id="([^"]*)"', lambda name: f' id="{mark}{name[1]}"' if name[1] in pointed else "", svg
    )
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{mark}", svg).replace("xlink:href", "href")
    svg = re.sub(r"(?<!&)#[0-9a-fA-F]{6}\b", lambda name: colour(name[0]), svg)
    svg = _FAMILY.sub(r"font-size: \3px", svg)
    # Only within tags: what a drawing prints is no coordinate.
    svg = _TAG.sub(lambda tag: _NUMBER.sub(_shortened, tag[0]), svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><").replace(' "', '"')
    while (fewer := _EMPTY.sub("", svg)) != svg:
        svg = fewer
    size = _SIZE.search(drawing)
    if size is None:
        raise ValueError("a drawing has no size in points")
    width, height = (round(float(length) * 4 / 3) for length in size.groups())
    view = re.search(r'\bviewBox="([^"]*)"', drawing)
    label = html.escape(" ".join(filter(None, (alt, says))))
    opening = (
        f'<svg class="{classes}" role="img" aria-label="{label}" width="{width}" height="{height}"'
        f' style="min-width:{round(width * LEAST)}px" viewBox="{view[1] if view else ""}">'
    )
    svg = _OPENING.sub(lambda _: opening, svg, count=1).strip()
    return f'<span class="drawing" data-scrolls="Figure">{svg}</span>'


def inline_figures(page: str, read: Mapping[str, str]) -> str:
    """Put the drawings of a page into it.

    Parameters
    ----------
    page : str
        HTML, with images that link to SVG files.
    read : mapping
        The text of each file, by the address that the page has for it. Others stay linked, and so
        does a drawing that gives no size in points: no program that draws for the book made it.

    Returns
    -------
    str
    """

    def replace(match: re.Match[str]) -> str:
        if not _SIZE.search(read.get(match["source"], "")):
            return match[0]
        attributes = dict(_ATTRIBUTE.findall(match["attributes"]))
        return inline(
            read[match["source"]],
            html.unescape(attributes.get("alt", "")),
            attributes.get("class", ""),
        )

    return _IMAGE.sub(replace, page)
