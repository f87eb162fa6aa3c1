"""Icons as drawings in the page, taken from the theme's own set.

The theme names an icon by classes, ``<i class="fa-solid fa-bars"></i>``, and has a script with two
thousand drawings put the right one there. Here the drawing is put there while the page is made.
"""

import bisect
import functools
import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_DRAWING = re.compile(r'"?([\w-]+)"?:\[(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+","([^"]*)"\]')
_FAMILY = re.compile(r'\("(fas|far|fab)",\w+\)')
_FAMILY_CLASSES = {
    "fas": "fas", "fa-solid": "fas", "far": "far", "fa-regular": "far", "fab": "fab",
    "fa-brands": "fab",
}  # fmt: skip
_PLACE = re.compile(
    r'<(i|span)\b(?P<before>[^>]*)\bclass="(?P<classes>[^"]*)"(?P<after>[^>]*)></\1>'
)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{4,5})")
# How an icon is used, not which: sizes, fixed width, turning.
_MODIFIERS = re.compile(r"fa-(?:\d*x?[sl]g?|fw|spin|pulse|\d+x|rotate-\d+|solid|regular|brands)")


class Icon(NamedTuple):
    """One drawing."""

    width: int
    height: int
    path: str


@functools.cache
def icon_set(script: Path) -> dict[tuple[str, str], Icon]:
    """Read the drawings in Font Awesome's script.

    Parameters
    ----------
    script : Path
        The script, as the theme ships it.

    Returns
    -------
    dict
        The drawings by family (``fas``, ``far`` or ``fab``) and name; aliases are names too.
    """
    text = script.read_text("utf-8")
    # A family is announced after its drawings.
    families = [(match.start(), match[1]) for match in _FAMILY.finditer(text)]
    ends = [end for end, _ in families]
    icons: dict[tuple[str, str], Icon] = {}
    for match in _DRAWING.finditer(text):
        name, width, height, aliases, path = match.groups()
        following = bisect.bisect(ends, match.start())
        if following < len(families):
            family = families[following][1]
            for each in (name, *re.findall(r'"([\w-]+)"', aliases)):
                icons[family, each] = Icon(int(width), int(height), path)
    return icons


def draw_icons(page: str, icons: dict[tuple[str, str], Icon]) -> str:
    r"""Put a drawing wherever a page names an icon.

    Parameters
    ----------
    page : str
        HTML.
    icons : dict
        The drawings, as `icon_set` gives them.

    Returns
    -------
    str

    Raises
    ------
    LookupError
        If the page names an icon that is not in the set.

    Examples
    --------
    >>> icons = {("fas", "dot"): Icon(4, 4, "M0 0h4v4z")}
    >>> print(draw_icons('<b><i class="fas fa-dot fa-lg"></i></b>', icons).replace("><", ">\n<"))
    <b>
    <svg class="svg-inline--fa fa-dot fa-lg" aria-hidden="true" viewBox="0 0 4 4">
    <path fill="currentColor" d="M0 0h4v4z"/>
    </svg>
    </b>
    >>> draw_icons('<i class="fas fa-circle"></i>', icons)
    Traceback (most recent call last):
    ...
    LookupError: the theme has no icon 'circle' in the family 'fas'
    """

    def drawing(match: re.Match[str]) -> str:
        classes = match["classes"].split()
        family = next((_FAMILY_CLASSES[name] for name in classes if name in _FAMILY_CLASSES), None)
        if family is None:
            return match[0]
        name = next(
            name for name in classes if name.startswith("fa-") and not _MODIFIERS.fullmatch(name)
        ).removeprefix("fa-")
        try:
            icon = icons[family, name]
        except KeyError:
            raise LookupError(f"the theme has no icon {name!r} in the family {family!r}") from None
        # The script drops the family too, and the theme's rules count on that.
        rest = " ".join(each for each in classes if each not in _FAMILY_CLASSES)
        # A title would be a second name of the control around the icon; data-* the theme reads.
        kept = "".join(re.findall(r'\sdata-[\w-]+="[^"]*"', match["before"] + " " + match["after"]))
        return (
            f'<svg class="svg-inline--fa {html.escape(rest)}" aria-hidden="true"{kept}'
            f' viewBox="0 0 {icon.width} {icon.height}">'
            f'<path fill="currentColor" d="{icon.path}"/></svg>'
        )

    return _PLACE.sub(drawing, page)


def signs(styles: Iterable[str]) -> set[int]:
    r"""List the signs of private use that style sheets write: those are icons too.

    Parameters
    ----------
    styles : iterable of str
        The text of each style sheet.

    Returns
    -------
    set of int

    Examples
    --------
    >>> [hex(sign) for sign in signs([r'a::after { content: "\f0c1" }', "b { width: 0 }"])]
    ['0xf0c1']
    """
    written: set[int] = set()
    for style in styles:
        written.update(int(code, 16) for code in _ESCAPE.findall(style))
        written.update(ord(character) for character in style if ord(character) > 127)
    return {code for code in written if 0xE000 <= code <= 0xF8FF}
