r"""The names LaTeX can spell: letters, commands, accents and fonts, each in one spelling.

>>> plain(r"\mathbf{x}"), python_name(r"\hat{\mathbf{y}}")
('x', 'y_hat')
"""

from __future__ import annotations

import re
from functools import lru_cache

from checked_math.faults import Fault, Span

GREEK = frozenset(
    "\\" + name
    for name in [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "varpi",
        "rho",
        "varrho",
        "sigma",
        "varsigma",
        "tau",
        "upsilon",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Upsilon",
        "Phi",
        "Psi",
        "Omega",
        "ell",
    ]
)
FUNCTIONS = frozenset(
    "\\" + name
    for name in [
        "exp",
        "ln",
        "log",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "arctan",
        "max",
        "min",
        "det",
        "argmax",
        "argmin",
    ]
)
MARKS = frozenset(["\\top", "\\infty", "\\partial", "\\nabla", "\\prime", "\\emptyset"])
COMMANDS = GREEK | FUNCTIONS | MARKS
FONTS = ("mathbf", "boldsymbol", "bm", "mathit", "mathsf", "vec", "mathtt", "textbf")
WORD_FONTS = ("mathrm", "operatorname", "operatorname*", "text", "textrm", "textit", "textnormal")
ACCENTS = ("hat", "bar", "tilde", "dot", "ddot", "widehat", "widetilde", "overline", "check")
OTHER_FONTS = ("mathcal", "mathscr", "mathfrak", "mathbb")
SPELLINGS = {
    "\\intercal": "\\top",
    "\\mathsf{T}": "\\top",
    "\\mathrm{T}": "\\top",
    "\\mathit{T}": "\\top",
    "\\lg": "\\log",
    "\\mathbb{1}": "\\mathbf{1}",
    "\\boldsymbol{1}": "\\mathbf{1}",
    "\\bm{1}": "\\mathbf{1}",
    "\\boldsymbol{0}": "\\mathbf{0}",
    "\\bm{0}": "\\mathbf{0}",
    "\\widehat": "\\hat",
    "\\widetilde": "\\tilde",
    "\\overline": "\\bar",
}
# Words that join statements; any other single word in \text{} may be a name.
_FONT = re.compile(
    r"\\(?:" + "|".join(re.escape(font) for font in FONTS + WORD_FONTS) + r")\{([^{}]*)\}"
)
WORD = re.compile(r"[A-Za-z]+(?:[-_ ]?[A-Za-z0-9]+)*")
FONTED = re.compile(
    r"\\(?P<command>"
    + "|".join(
        re.escape(c) for c in sorted(FONTS + WORD_FONTS + ACCENTS + OTHER_FONTS, key=len)[::-1]
    )
    + r")(?![A-Za-z])\s*(?P<body>\{(?:[^{}]|\{[^{}]*\})*\}|[A-Za-z0-9]|\\[A-Za-z]+)"
)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    r"""Return the name without its upright or bold font, which change no meaning.

    >>> plain(r"\mathbf{x}"), plain(r"\hat{\mathbf{y}}"), plain(r"\mathcal{L}")
    ('x', '\\hat{y}', '\\mathcal{L}')
    """
    return _FONT.sub(r"\1", name)


@lru_cache(maxsize=4096)
def python_name(name: str) -> str:
    r"""Return the Python name of a symbol.

    >>> python_name(r"\hat{y}"), python_name(r"\sigma"), python_name(r"\mathbf{x}")
    ('y_hat', 'sigma', 'x')
    """
    bare = plain(name)
    accent = re.fullmatch(r"\\([a-z]+)\{(.*)\}", bare)
    if accent and accent[1] in ACCENTS:
        return f"{python_name(accent[2])}_{accent[1]}"
    if accent:
        bare = accent[2]
    return re.sub(r"\W+", "_", bare.replace("\\", "")).strip("_")


def spelled(text: str, span: Span) -> str:
    r"""Return the one spelling of a letter, command or accented letter, or say it is unknown.

    >>> spelled(r"\boldsymbol x", Span(0, 13)), spelled(r"\operatorname{max}", Span(0, 18))
    ('\\boldsymbol{x}', '\\max')
    """
    fonted = FONTED.fullmatch(text)
    if fonted is None:
        text = re.sub(r"\\arg\s*\\", r"\\arg", text)
        name = SPELLINGS.get(text, text)
        if len(name) > 1 and name not in COMMANDS:
            raise Fault("syntax", f"{text} is not known here", span)
        return name
    body = fonted["body"].removeprefix("{").removesuffix("}").strip()
    command = "\\" + fonted["command"].rstrip("*")
    if command[1:] in WORD_FONTS:
        if "\\" + body in FUNCTIONS:
            return "\\" + body
        if not WORD.fullmatch(body) and not re.fullmatch(r"\\[A-Za-z]+|[01]", body):
            raise Fault("syntax", f"{text} is not a name", span)
        if len(body) == 1 and body.isalpha() and body != "T":
            return body  # an upright d is a d
        command = "\\mathrm"
    elif re.fullmatch(r"[A-Za-z0-9]+", body) is None:
        body = spelled(body, span)
    name = SPELLINGS.get(command, command) + "{" + body + "}"
    return SPELLINGS.get(name, name)
