"""The glyphs that formulas use, cut out of a mathematical font.

A mathematical font draws thousands of signs and holds, in a table of its own, how brackets grow and
where an exponent stands. A book needs some dozens of the signs and all of that table.
"""

import html
import io
import logging
import re
import unicodedata
from collections.abc import Collection, Iterable
from importlib.metadata import files, version
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_ANNOTATION = re.compile(r"<annotation\b.*?</annotation>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# The elements whose sign the browser adds: no page spells it out.
_ROOT = re.compile(r"<m(?:sqrt|root)\b")

# What MathML renderers ask of a font: the forms for scripts, dotless letters, flattened accents.
FEATURES = ("ssty", "dtls", "flac")

# The primes. At full size the font draws them raised and small; browsers raise them again, and do
# not ask for the form that is made for it.
PRIMES = (0x2032, 0x2033, 0x2034, 0x2057)


def stix_two() -> Path:
    """Find the font STIX Two Math, which the package ``ziamath`` carries.

    Returns
    -------
    Path

    Examples
    --------
    >>> stix_two().name
    'STIXTwoMath-Regular.ttf'
    """
    for file in files("ziamath") or ():
        if file.name == "STIXTwoMath-Regular.ttf":
            return Path(str(file.locate()))
    raise FileNotFoundError("the package ziamath carries no STIXTwoMath-Regular.ttf")


def font_tools() -> tuple[str, bytes]:
    """Name the state of what cuts fonts: the version of fontTools, and this module."""
    return version("fonttools"), Path(__file__).read_bytes()


def characters(page: str) -> set[str]:
    """List the characters that the formulas of a page show.

    A variable is written as a plain letter and drawn as an italic one, which is a character of its
    own. Both are named.

    Parameters
    ----------
    page : str
        HTML with ``math`` elements in it.

    Returns
    -------
    set of str

    Examples
    --------
    >>> sorted(characters("<p>no</p><math><mi>h</mi><mo>&lt;</mo><mi>x</mi></math>"))
    ['<', 'h', 'x', 'ℎ', '𝑥']
    """
    shown: set[str] = set()
    for formula in _FORMULA.findall(page):
        shown.update(html.unescape(_TAG.sub("", _ANNOTATION.sub("", formula))))
        if _ROOT.search(formula):
            shown.add("\N{SQUARE ROOT}")
    return shown | {_italic(letter) for letter in shown}


def _italic(letter: str) -> str:
    """Give the mathematical italic of a letter, as a browser draws it; other signs as they are."""
    if letter == "h":
        return "\N{PLANCK CONSTANT}"  # the one italic letter that Unicode had before all others
    name = unicodedata.name(letter, "")
    latin = re.fullmatch(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z])", name)
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name)
    if not (latin or greek):
        return letter
    size, sign = (latin or greek).groups()  # type: ignore[union-attr]
    try:
        return unicodedata.lookup(f"MATHEMATICAL ITALIC {size} {sign}")
    except KeyError:
        return letter


def subset(font: Path, shown: Iterable[str]) -> bytes:
    """Cut a font to the characters named, and whatever they grow into, as WOFF2.

    Parameters
    ----------
    font : Path
        The whole font.
    shown : iterable of str
        The characters.

    Returns
    -------
    bytes
        The same for the same font and characters, whenever it is made.

    Raises
    ------
    LookupError
        If the font lacks a character that is to be seen.

    Examples
    --------
    >>> small = subset(stix_two(), "x+∑")
    >>> small[:4], len(small) < 30_000
    (b'wOF2', True)
    >>> subset(stix_two(), "語")
    Traceback (most recent call last):
    ...
    LookupError: STIXTwoMath-Regular.ttf has no '語'
    """
    shown = set(shown)
    with TTFont(font) as whole:
        known = whole.getBestCmap()
    for character in sorted(shown):
        # Invisible operators and spaces have nothing to draw.
        if ord(character) not in known and unicodedata.category(character)[0] not in "CZ":
            raise LookupError(f"{font.name} has no {character!r}")
    return cut(font, {ord(character) for character in shown}, FEATURES, PRIMES)


def cut(
    font: Path, shown: set[int], features: Iterable[str] = (), exponents: Collection[int] = ()
) -> bytes:
    """Cut a font to some of its characters, as WOFF2.

    Parameters
    ----------
    font : Path
        The whole font.
    shown : set of int
        The characters, by number. Those that the font lacks are left out.
    features : iterable of str, optional
        The features of its layout that are used.
    exponents : collection of int, optional
        Characters that only stand as exponents: they get the form that the font has for that.

    Returns
    -------
    bytes

    Examples
    --------
    >>> cut(stix_two(), {ord("x")}) == cut(stix_two(), {ord("x")})
    True
    """
    # The subsetter tells each of its steps; the build has its own things to say.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    with TTFont(font, recalcTimestamp=False) as whole:
        if exponents:  # fonts of icons have none, and need no search for them
            forms = _forms_of_exponents(whole)
            for table in whole["cmap"].tables:
                for character in set(exponents) & table.cmap.keys():
                    table.cmap[character] = forms.get(table.cmap[character], table.cmap[character])
        options = Options(layout_features=list(features), hinting=False, notdef_outline=True)
        options.name_IDs = [0, 1, 2, 13, 14]  # the names, the copyright and the licence stay
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=sorted(shown))
        subsetter.subset(whole)
        whole.flavor = "woff2"
        buffer = io.BytesIO()
        whole.save(buffer, reorderTables=False)
    return buffer.getvalue()


def _forms_of_exponents(font: TTFont) -> dict[str, str]:
    """Glyphs of a font, and the form that each takes in a first exponent."""
    forms: dict[str, str] = {}
    if "GSUB" not in font:
        return forms
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "ssty":
            for index in record.Feature.LookupListIndex:
                for part in table.LookupList.Lookup[index].SubTable:
                    part = getattr(part, "ExtSubTable", part)
                    forms |= {
                        name: glyphs[0] for name, glyphs in getattr(part, "alternates", {}).items()
                    }
                    forms |= getattr(part, "mapping", {})
    return forms
