"""One style sheet with the rules that some page of the site uses.

A rule is dropped when it speaks of a class or a name that stands in no page and in no script. What
cannot be decided stays.
"""

import posixpath
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import tinycss2
from tinycss2.ast import Node

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_FUNCTION = re.compile(r":[\w-]+\([^()]*\)")
_NAMED = re.compile(r"[.#](-?[A-Za-z_](?:[\w-]|\\.)*)")
_NOTICE = re.compile(r"/\*!.*?\*/", re.DOTALL)
_URL = re.compile(r"url\((['\"]?)(?!data:|#|[a-z]+:|/)([^)'\"]+)\1\)")
_NESTING = {"media", "supports", "layer", "container"}


def style_tools() -> tuple[str, bytes]:
    """Name the state of what prunes style sheets: the version of tinycss2, and this module."""
    return version("tinycss2"), Path(__file__).read_bytes()


def words(page: str) -> set[str]:
    """Every class and name of a page's elements.

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    set of str

    Examples
    --------
    >>> sorted(words('<p class="a b" id="c">class d</p>'))
    ['a', 'b', 'c']
    """
    found = re.findall(r'\s(?:class|id)="([^"]*)"', page)
    return {word for value in found for word in value.split()}


def script_words(script: str) -> set[str]:
    """Every word in a script: any of them may become a class.

    Examples
    --------
    >>> sorted(script_words("e.classList.add('open-wide');"))
    ['add', 'classList', 'e', 'open-wide']
    """
    return set(_WORD.findall(script))


def notices(style: str) -> str:
    """Keep what a style sheet says of its authors and its licence.

    Parameters
    ----------
    style : str
        CSS. Comments that begin with an exclamation mark are kept, as its tools do.

    Returns
    -------
    str

    Examples
    --------
    >>> notices("/*! By me, MIT */ a { top: 0 } /* as above */")
    '/*! By me, MIT */'
    """
    return "\n".join(dict.fromkeys(_NOTICE.findall(style)))


def _alive(selector: str, known: set[str]) -> bool:
    # What stands inside :not() and its like may be absent.
    while (bare := _FUNCTION.sub("", selector)) != selector:
        selector = bare
    bare = re.sub(r"\[[^\]]*\]", "", selector)
    return all(name.replace("\\", "") in known for name in _NAMED.findall(bare))


def _kept(rules: Iterable[Node], known: set[str]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = _split(tinycss2.serialize(rule.prelude))
            alive = [selector for selector in selectors if _alive(selector, known)]
            if alive:
                yield f"{','.join(alive)}{{{_declarations(rule.content)}}}"
        elif rule.type == "at-rule" and rule.at_keyword == "charset":
            continue  # of one file; the whole is UTF-8
        elif rule.type == "at-rule" and rule.lower_at_keyword in _NESTING and rule.content:
            inner = "".join(
                _kept(
                    tinycss2.parse_rule_list(
                        rule.content, skip_comments=True, skip_whitespace=True
                    ),
                    known,
                )
            )
            if inner:
                prelude = tinycss2.serialize(rule.prelude).strip()
                yield f"@{rule.at_keyword} {prelude}{{{inner}}}"
        else:
            yield rule.serialize()


def _split(prelude: str) -> list[str]:
    """Part the selectors of a list at the commas that stand in no brackets."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(prelude):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append(prelude[start:place])
            start = place + 1
    return [" ".join(part.split()) for part in (*parts, prelude[start:])]


def _declarations(content: list[Node]) -> str:
    kept = [
        item.serialize().strip()
        for item in tinycss2.parse_blocks_contents(
            content, skip_comments=True, skip_whitespace=True
        )
        if item.type != "error"
    ]
    return ";".join(kept)


def used_rules(style: str, known: set[str]) -> str:
    """Leave out the rules of a style sheet that can match nothing.

    Parameters
    ----------
    style : str
        CSS.
    known : set of str
        Every class and name that an element may have.

    Returns
    -------
    str

    Examples
    --------
    >>> used_rules(".a, .b p { color: red } /* no */ .c { } p:not(.d) { top: 0 }", {"a"})
    '.a{color: red}p:not(.d){top: 0}'
    >>> used_rules("@media print { .a { top: 0 } .b { top: 0 } }", {"b"})
    '@media print{.b{top: 0}}'
    """
    rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
    return "".join(_kept(rules, known))


def moved(style: str, old: str, new: str) -> str:
    """Move a style sheet, so that its addresses hold at its new place.

    Parameters
    ----------
    style : str
        CSS.
    old, new : str
        The folder that it stood in and the one that it will stand in.

    Returns
    -------
    str

    Examples
    --------
    >>> moved("src: url(../fonts/a.woff2)", "_static/styles", "_static")
    'src: url(fonts/a.woff2)'
    """

    def move(match: re.Match[str]) -> str:
        place = posixpath.relpath(posixpath.join(old, match[2]), new)
        return f"url({match[1]}{place}{match[1]})"

    return _URL.sub(move, style)
