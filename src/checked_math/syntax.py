r"""LaTeX to a tree with positions, and back.

The tree holds what stands on the page, not what it means: ``f (x)`` is a row of two factors until
the symbol table says whether f is a function (`shapes`).

>>> (statement,) = parse(r"z = x^\top w + b")
>>> [latex(side) for side in statement.sides]
['z', 'x^{\\top} w + b']
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError, UnexpectedInput, VisitError
from lark.lexer import Lexer

from checked_math.faults import NOWHERE, Fault, Span

# -- the tree ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """A piece of a formula; `span` is where it stands, and no part of what it is."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Number(Node):
    r"""A literal number, with the digits as printed."""

    text: str


@dataclass(frozen=True)
class Symbol(Node):
    r"""A letter, a command or an accented letter, in one spelling: ``\hat{y}``."""

    name: str


@dataclass(frozen=True)
class Indexed(Node):
    r"""``base_{subscripts}``."""

    base: Node
    subscripts: tuple[Node, ...]


@dataclass(frozen=True)
class Member(Node):
    r"""``base^{(index)}`` or ``base^{[index]}``: a member of a family, as a layer's weights."""

    base: Node
    index: Node


@dataclass(frozen=True)
class Power(Node):
    r"""``base^{exponent}``."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transposed(Node):
    r"""``base^\top`` or ``base^T``."""

    base: Node


@dataclass(frozen=True)
class Primed(Node):
    r"""``base'``, with the number of primes."""

    base: Node
    order: int


@dataclass(frozen=True)
class Starred(Node):
    r"""``base^*``, ``base^+`` or ``base^-``: part of a name, or a side of a limit."""

    base: Node
    mark: str


@dataclass(frozen=True)
class Group(Node):
    r"""What stands in brackets: ``(a)``, ``[a]``, ``\{a\}``, ``(a, b]``."""

    items: tuple[Node, ...]
    brackets: str


@dataclass(frozen=True)
class Product(Node):
    r"""Factors side by side; function heads are still among them."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Binary(Node):
    r"""``left op right`` for ``\cdot \times / * \odot \circ \otimes``."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True)
class Sum(Node):
    r"""Terms with their signs; the first sign may be '' for none."""

    signs: tuple[str, ...]
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Fraction(Node):
    r"""``\frac{numerator}{denominator}``."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True)
class Root(Node):
    r"""``\sqrt[degree]{body}``."""

    body: Node
    degree: Node | None


@dataclass(frozen=True)
class Big(Node):
    r"""``\sum``, ``\prod`` or ``\lim`` with its scripts and what it reaches."""

    operator: str
    lower: Node | None
    upper: Node | None
    body: Node


@dataclass(frozen=True)
class Absolute(Node):
    r"""``|body|``."""

    body: Node


@dataclass(frozen=True)
class Inner(Node):
    r"""``\langle left, right \rangle``."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Norm(Node):
    r"""``\lVert body \rVert``."""

    body: Node


@dataclass(frozen=True)
class EvaluatedAt(Node):
    r"""The bar of ``\Big|_{x = 0}``; it stands after the factors that it holds for."""

    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Matrix(Node):
    r"""Rows of entries."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Cases(Node):
    r"""Values, each with its condition; None is 'otherwise'."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Dots(Node):
    r"""``\dots``: stands for what is not written, so nothing with it can be decided."""


@dataclass(frozen=True)
class Chain(Node):
    r"""Sides and the relations between them; one side alone states nothing."""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Statement(Node):
    r"""One statement of a formula: a chain, the ranges and the conditions said beside it."""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    ranges: tuple[tuple[str, Node, Node], ...] = ()
    conditions: tuple[Chain, ...] = ()


# -- names ------------------------------------------------------------------------------------

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
JOINING_WORDS = frozenset(
    [
        "if",
        "and",
        "for",
        "where",
        "with",
        "or",
        "otherwise",
        "else",
        "since",
        "so",
        "then",
        "when",
        "all",
        "by",
        "as",
        "each",
        "every",
        "thus",
        "hence",
        "because",
        "on",
        "at",
        "in",
        "is",
        "the",
        "a",
        "an",
        "while",
        "given",
        "here",
        "but",
        "also",
        "that",
        "with",
        "respect",
        "to",
        "we",
        "have",
    ]
)
ALL_WORDS = frozenset(["all", "every", "each", "any", "alle", "jedes"])
CONDITION_WORDS = frozenset(["if", "when", "for", "whenever", "falls", "wenn"])
_FONT = re.compile(
    r"\\(?:" + "|".join(re.escape(font) for font in FONTS + WORD_FONTS) + r")\{([^{}]*)\}"
)
_LETTERS = re.compile(r"[A-Za-z]+(?:[-_ ]?[A-Za-z0-9]+)*")


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


# -- tokens: rows, bars, words and spaces -----------------------------------------------------

_FONTED = re.compile(
    r"\\(?P<command>"
    + "|".join(
        re.escape(c) for c in sorted(FONTS + WORD_FONTS + ACCENTS + OTHER_FONTS, key=len)[::-1]
    )
    + r")(?![A-Za-z])\s*(?P<body>\{(?:[^{}]|\{[^{}]*\})*\}|[A-Za-z0-9]|\\[A-Za-z]+)"
)
_IGNORED = re.compile(
    r"\s+|%[^\n]*(?:\n|$)|\\(?:left|right)\s*\.|\\(?:left|right|[bB]igg?[lrm]?|middle)(?![A-Za-z])"
    r"|\\[,;:! >]|~|\\(?:tag|label)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|textstyle"
    r"|limits|nolimits|thinspace|negthinspace|enspace|hfill|hspace\*?\s*\{[^{}]*\})(?![A-Za-z])"
)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}(?:\{[^{}]*\})?")
_ALIGNMENTS = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "split",
        "gathered",
        "gather",
        "gather*",
        "equation",
        "equation*",
        "multline",
        "multline*",
        "alignat",
        "alignat*",
        "flalign",
        "flalign*",
        "alignedat",
    ]
)
_MATRICES = frozenset(["matrix", "bmatrix", "pmatrix", "vmatrix", "Bmatrix", "smallmatrix"])
_WORDS = re.compile(r"\\(?:text|textrm|textnormal|mbox|textit)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_TOKENS: tuple[tuple[str, str], ...] = (
    ("NUMBER", r"\d+(?:\.\d+)?|\.\d+"),
    ("LSET", r"\\\{|\\lbrace(?![A-Za-z])"),
    ("RSET", r"\\\}|\\rbrace(?![A-Za-z])"),
    ("DOUBLE_BAR", r"\\\||\\Vert(?![A-Za-z])"),
    ("NORM_OPEN", r"\\lVert(?![A-Za-z])"),
    ("NORM_CLOSE", r"\\rVert(?![A-Za-z])"),
    ("ABS_OPEN", r"\\lvert(?![A-Za-z])"),
    ("ABS_CLOSE", r"\\rvert(?![A-Za-z])"),
    ("LANGLE", r"\\langle(?![A-Za-z])"),
    ("RANGLE", r"\\rangle(?![A-Za-z])"),
    ("NEWROW", r"\\\\(?:\s*\[[^\]]*\])?"),
    ("QUAD", r"\\qq?uad(?![A-Za-z])"),
    (
        "IMPLIES",
        r"\\(?:implies|Rightarrow|Longrightarrow|iff|Leftrightarrow|therefore)(?![A-Za-z])",
    ),
    ("FORALL", r"\\forall(?![A-Za-z])"),
    ("DOTS", r"\\(?:[lcvd]?dots|dots[cbm])(?![A-Za-z])"),
    (
        "REL",
        r"\\(?:approx|neq|ne|leqslant|geqslant|leq|geq|le|ge|lt|gt|in|leftarrow|gets|coloneqq)"
        r"(?![A-Za-z])|:=|<|>",
    ),
    ("EQUALS", "="),
    ("COLON", r"\\colon(?![A-Za-z])|:"),
    ("TO", r"\\(?:to|rightarrow|mapsto|searrow|downarrow)(?![A-Za-z])"),
    ("SIGN", r"[+-]"),
    ("HADAMARD", r"\\(?:odot|circ|otimes)(?![A-Za-z])"),
    ("DOT", r"\\(?:cdot|times)(?![A-Za-z])"),
    ("SLASH", "/"),
    ("STAR", r"\*|\\(?:ast|star)(?![A-Za-z])"),
    ("BIG", r"\\(?:sum|prod|lim)(?![A-Za-z])"),
    ("FRAC", r"\\[dt]?frac(?![A-Za-z])"),
    ("SQRT", r"\\sqrt(?![A-Za-z])"),
    ("BAR", r"\||\\vert(?![A-Za-z])"),
    ("LPAR", r"\(|\\lparen(?![A-Za-z])"),
    ("RPAR", r"\)|\\rparen(?![A-Za-z])"),
    ("LBRACK", r"\[|\\lbrack(?![A-Za-z])"),
    ("RBRACK", r"\]|\\rbrack(?![A-Za-z])"),
    ("LBRACE", r"\{"),
    ("RBRACE", r"\}"),
    ("UNDER", "_"),
    ("CARET", r"\^"),
    ("PRIME", r"'+"),
    ("AMP", "&"),
    ("COMMA", ","),
    ("PERIOD", r"[.;]"),
    ("NAME", r"[A-Za-z]|\\arg\s*\\(?:max|min)(?![A-Za-z])|\\[A-Za-z]+"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TOKENS))
_CANONICAL = {
    "\\leq": "\\le",
    "\\leqslant": "\\le",
    "\\geq": "\\ge",
    "\\geqslant": "\\ge",
    "\\neq": "\\ne",
    "\\lt": "<",
    "\\gt": ">",
    "\\gets": "\\leftarrow",
    "\\coloneqq": ":=",
    "\\rightarrow": "\\to",
    "\\mapsto": "\\to",
    "\\searrow": "\\to",
    "\\downarrow": "\\to",
    "\\colon": ":",
    "\\ast": "*",
    "\\star": "*",
}


def _name_of(text: str, span: Span) -> str:
    """Return the one spelling of a letter, command or accented letter, or say it is unknown."""
    fonted = _FONTED.fullmatch(text)
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
        if not _LETTERS.fullmatch(body) and not re.fullmatch(r"\\[A-Za-z]+|[01]", body):
            raise Fault("syntax", f"{text} is no name", span)
        if len(body) == 1 and body.isalpha() and body != "T":
            return body  # an upright d is a d
        command = "\\mathrm"
    elif re.fullmatch(r"[A-Za-z0-9]+", body) is None:
        body = _name_of(body, span)
    name = SPELLINGS.get(command, command) + "{" + body + "}"
    return SPELLINGS.get(name, name)


def _raw_tokens(text: str) -> Iterator[Token]:
    """Cut the text into tokens, or name the first character that belongs to none."""
    position = 0
    lefts, before = 0, ""
    while position < len(text):
        if match := _IGNORED.match(text, position):
            lefts += match[0].startswith("\\left") - match[0].startswith("\\right")
            position = match.end()
            continue
        kind, value, end = _next_token(text, position)
        if kind == "STAR" and before != "CARET":
            raise Fault("syntax", r"* is no sign of LaTeX: write \cdot", Span(position, end))
        yield Token(kind, value, start_pos=position, end_pos=end)
        position, before = end, kind if kind != "LBRACE" else before
    if lefts:
        raise Fault("syntax", r"\left and \right do not pair")


def _next_token(text: str, position: int) -> tuple[str, str, int]:
    """Return kind, value and end of the token that starts at `position`."""
    if match := _ENVIRONMENT.match(text, position):
        return match[1].upper(), match[2], match.end()
    span = Span(position, position + 1)
    if match := _WORDS.match(text, position):
        words = match[1]
        if _LETTERS.fullmatch(words) and words.lower() not in JOINING_WORDS and " " not in words:
            return "NAME", _name_of(match[0], Span(position, match.end())), match.end()
        return "TEXT", words.strip(" ,.;"), match.end()
    if match := _FONTED.match(text, position):
        whole = Span(position, match.end())
        return "NAME", _name_of(match[0], whole), match.end()
    if match := _TOKEN.match(text, position):
        kind, value = str(match.lastgroup), match[0]
        if kind == "NAME":
            value = _name_of(value, Span(position, match.end()))
        return kind, _CANONICAL.get(value, value), match.end()
    wrong = text[position]
    if ord(wrong) > 127:
        raise Fault("syntax", f"{wrong!r} (U+{ord(wrong):04X}) is not a sign of LaTeX", span)
    raise Fault("syntax", f"{text[position : position + 2].strip()!r} is not known here", span)


_OPERAND_ENDS = frozenset(
    [
        "NUMBER",
        "NAME",
        "RPAR",
        "RBRACK",
        "RBRACE",
        "RSET",
        "RANGLE",
        "ABS_CLOSE",
        "NORM_CLOSE",
        "PRIME",
        "END_MATRIX",
        "END_CASES",
    ]
)
_RELATIONS = frozenset(["REL", "EQUALS", "COLON", "TO"])
_OPENERS = {
    "LPAR": "RPAR",
    "LANGLE": "RANGLE",
    "LBRACK": "RBRACK",
    "LBRACE": "RBRACE",
    "LSET": "RSET",
}


def _like(token: Token, kind: str, value: str | None = None) -> Token:
    return Token.new_borrow_pos(kind, str(token) if value is None else value, token)


def _with_bars(tokens: list[Token]) -> list[Token]:
    """Tell opening bars from closing ones, and both from the bar of an evaluation."""
    open_bars: list[str] = []
    out: list[Token] = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1].type if i + 1 < len(tokens) else ""
        ended = bool(out) and out[-1].type in _OPERAND_ENDS
        if token.type in _OPENERS or token.type in _OPENERS.values():
            if token.type in _OPENERS:
                open_bars.append("(")
            elif open_bars and open_bars[-1] == "(":
                open_bars.pop()
        if token.type == "BAR":
            if open_bars and open_bars[-1] == "|" and ended:
                open_bars.pop()
                token = _like(token, "ABS_CLOSE")
            elif following == "UNDER":
                token = _like(token, "EVAL_BAR")
            else:
                open_bars.append("|")
                token = _like(token, "ABS_OPEN")
        elif token.type == "DOUBLE_BAR":
            if open_bars and open_bars[-1] == "||" and ended:
                open_bars.pop()
                token = _like(token, "NORM_CLOSE")
            else:
                open_bars.append("||")
                token = _like(token, "NORM_OPEN")
        out.append(token)
    return out


def _with_environments(tokens: list[Token]) -> list[Token]:
    """Turn rows of alignments into separators or nothing; keep those of matrices and cases."""
    stack: list[tuple[str, str]] = []
    out: list[Token] = []
    for i, token in enumerate(tokens):
        kind = stack[-1][0] if stack else "ALIGN"
        match token.type:
            case "BEGIN":
                opened = _environment_kind(token)
                stack.append((opened, str(token)))
                if opened != "ALIGN":
                    out.append(_like(token, f"BEGIN_{opened}"))
            case "END":
                if not stack or stack.pop()[1] != str(token):
                    raise Fault("syntax", f"\\end{{{token}}} has no beginning", _span(token))
                if kind != "ALIGN":
                    if out[-1].type == "ROW":
                        out.pop()
                    out.append(_like(token, f"END_{kind}"))
            case "NEWROW" if kind != "ALIGN":
                out.append(_like(token, "ROW"))
            case "NEWROW":
                if not _continues(tokens[i + 1 :]):
                    out.append(_like(token, "SEP"))
            case "AMP" if kind == "ALIGN":
                pass
            case "TEXT" if kind == "CASES":
                out.append(_like(token, "WORDS"))
            case "QUAD" if kind != "ALIGN":
                pass
            case "PERIOD" if kind != "ALIGN":
                pass
            case _:
                out.append(token)
    if stack:
        raise Fault("syntax", f"\\begin{{{stack[-1][1]}}} has no end")
    return out


def _environment_kind(token: Token) -> str:
    name = str(token)
    if name in _ALIGNMENTS:
        return "ALIGN"
    if name in _MATRICES:
        return "MATRIX"
    if name in ("cases", "dcases"):
        return "CASES"
    raise Fault("syntax", f"the environment {name} is not known here", _span(token))


def _continues(rest: list[Token]) -> bool:
    """Whether the row that starts here goes on with the statement of the row before."""
    aligned = False
    for token in rest:
        if token.type == "AMP":
            aligned = True
        elif token.type != "QUAD":
            if token.type in ("SIGN",):
                return aligned
            return token.type in _RELATIONS | {"DOT", "HADAMARD", "STAR", "SLASH"}
    return False


def _with_separators(tokens: list[Token]) -> list[Token]:
    """Turn commas, words and wide spaces between statements into separators."""
    depth = 0
    out: list[Token] = []
    for i, token in enumerate(tokens):
        if token.type in _OPENERS or token.type in ("BEGIN_MATRIX", "BEGIN_CASES"):
            depth += 1
        elif token.type in _OPENERS.values() or token.type in ("END_MATRIX", "END_CASES"):
            depth -= 1
        match token.type:
            case "COMMA" if depth <= 0:
                out.append(_like(token, "SEP"))
            case "PERIOD":
                if depth > 0:
                    raise Fault(
                        "syntax", f"{str(token)!r} cannot stand within a formula", _span(token)
                    )
                out.append(_like(token, "SEP"))
            case "IMPLIES" | "TEXT" | "FORALL" if depth <= 0:
                out.append(_like(token, "SEP", f"{token.type} {token}"))
            case "IMPLIES" | "TEXT" | "FORALL":
                raise Fault("syntax", "words cannot stand within brackets", _span(token))
            case "QUAD":
                following = tokens[i + 1].type if i + 1 < len(tokens) else "SEP"
                ended = bool(out) and out[-1].type in _OPERAND_ENDS | {"DOTS"}
                if depth <= 0 and ended and following in _OPERAND_STARTS:
                    out.append(_like(token, "SEP"))
            case _:
                out.append(token)
    return out


_OPERAND_STARTS = frozenset(
    [
        "NUMBER",
        "NAME",
        "LPAR",
        "LBRACK",
        "LBRACE",
        "LSET",
        "FRAC",
        "SQRT",
        "BIG",
        "ABS_OPEN",
        "NORM_OPEN",
        "BEGIN_MATRIX",
    ]
)


def _with_arguments(tokens: list[Token]) -> list[Token]:
    r"""Give unbraced arguments one digit, as TeX does: \frac12."""
    out: list[Token] = []
    wanted = 0
    for token in tokens:
        if token.type == "FRAC":
            wanted = 2
        elif wanted and token.type == "NUMBER" and len(token) > 1 and "." not in token:
            for k, digit in enumerate(str(token)):
                start = (token.start_pos or 0) + k
                out.append(Token("NUMBER", digit, start_pos=start, end_pos=start + 1))
            wanted = 0
            continue
        elif token.type == "NUMBER" and len(token) > 1 and out and out[-1].type == "CARET":
            raise Fault(
                "syntax",
                f"only the first digit of {token} is raised: write ^{{{token}}}",
                _span(token),
            )
        elif wanted and token.type in ("NUMBER", "NAME"):
            wanted -= 1
        else:
            wanted = 0
        if token.type == "CARET" and out and out[-1].type == "CARET":
            raise Fault("syntax", "two exponents in a row", _span(token))
        out.append(token)
    for before, sign, after in zip(out, out[1:], out[2:], strict=False):
        if before.type == "CARET" and sign.type == "SIGN" and after.type in _OPERAND_STARTS:
            raise Fault("syntax", f"only the {sign} is raised: write ^{{{sign}...}}", _span(sign))
    return out


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


def tokens_of(text: str) -> list[Token]:
    r"""Return the tokens the grammar reads.

    >>> [token.type for token in tokens_of(r"|x| \quad \text{and}")]
    ['ABS_OPEN', 'NAME', 'ABS_CLOSE', 'SEP']
    """
    tokens = _with_bars(list(_raw_tokens(text)))
    return _with_arguments(_with_separators(_with_environments(tokens)))


# -- the parser -------------------------------------------------------------------------------


class _Lexer(Lexer):
    """Hands our tokens to Lark."""

    def __init__(self, _conf: object) -> None:
        pass

    def lex(self, text: Any) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens of `text`."""
        yield from tokens_of(text)


@v_args(meta=True)
class _Build(Transformer[Token, Any]):
    """Lark's tree to ours: one method a rule of the grammar."""

    def number(self, meta: Any, children: list[Any]) -> Node:
        return Number(str(children[0]), span=_extent(meta))

    def name(self, meta: Any, children: list[Any]) -> Node:
        return Symbol(str(children[0]), span=_extent(meta))

    def dots(self, meta: Any, children: list[Any]) -> Node:
        return Dots(span=_extent(meta))

    def segment(self, meta: Any, children: list[Any]) -> Any:
        return children[0]

    def nothing(self, meta: Any, children: list[Any]) -> None:
        return None

    def operator(self, meta: Any, children: list[Any]) -> None:
        return None  # a sign alone, named by the text: it states nothing

    def chain(self, meta: Any, children: list[Any]) -> Node:
        if len(children) == 1:
            return _node(children[0])
        sides = tuple(children[::2])
        return Chain(sides, tuple(str(token) for token in children[1::2]), span=_extent(meta))

    def sum(self, meta: Any, children: list[Any]) -> Node:
        span = _extent(meta)
        if len(children) == 2:
            return Sum((str(children[0]),), (children[1],), span=span)
        left, sign, right = children
        if isinstance(left, Sum):
            return Sum((*left.signs, str(sign)), (*left.terms, right), span=span)
        return Sum(("", str(sign)), (left, right), span=span)

    def binary(self, meta: Any, children: list[Any]) -> Node:
        left, operator, right = children
        return Binary(left, str(operator), right, span=_extent(meta))

    def factors(self, meta: Any, children: list[Any]) -> list[Any]:
        return children

    def product(self, meta: Any, children: list[Any]) -> Node:
        first, *last = children
        factors = (*first, *last) if isinstance(first, list) else (first,)
        for left, right in itertools.pairwise(factors):
            if isinstance(right, Number) and isinstance(left, Number):
                raise Fault("syntax", "two numbers side by side", left.span.to(right.span))
        return factors[0] if len(factors) == 1 else Product(factors, span=_extent(meta))

    def lower(self, meta: Any, children: list[Any]) -> tuple[str, Any]:
        return "lower", children[1]

    def upper(self, meta: Any, children: list[Any]) -> tuple[str, Any]:
        return "upper", children[1]

    def big(self, meta: Any, children: list[Any]) -> Node:
        sign, *scripts, body = children
        found: dict[str, tuple[Node, ...]] = {}
        for place, items in scripts:
            if place in found:
                raise Fault("syntax", f"two {place} limits of {sign}", _extent(meta))
            found[place] = items if isinstance(items, tuple) else (items,)
        upper = _single(found["upper"]) if "upper" in found else None
        for index in reversed(found.get("lower", (None,))):  # i, j under one sign are two sums
            body = Big(str(sign), index, upper, body, span=_extent(meta))
        return _node(body)

    def chains(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        return tuple(child for child in children if isinstance(child, Node))

    def script(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        items: tuple[Any, ...] = children[1]
        return items

    def sub(self, meta: Any, children: list[Any]) -> Node:
        base, _, items = children
        subscripts = items if isinstance(items, tuple) else (items,)
        if isinstance(base, Indexed):
            raise Fault("syntax", "two subscripts in a row", _extent(meta))
        return Indexed(base, subscripts, span=_extent(meta))

    def sup(self, meta: Any, children: list[Any]) -> Node:
        base, _, items = children
        if isinstance(base, Power | Transposed | Member | Starred):
            raise Fault("syntax", "two exponents in a row", _extent(meta))
        return _raised(base, _single(items), _extent(meta))

    def starred(self, meta: Any, children: list[Any]) -> Node:
        mark = next(str(child) for child in children[2:] if child.type in ("STAR", "SIGN"))
        return Starred(children[0], mark, span=_extent(meta))

    def primed(self, meta: Any, children: list[Any]) -> Node:
        return Primed(children[0], len(children[1]), span=_extent(meta))

    def braces(self, meta: Any, children: list[Any]) -> Node:
        return Group((children[1],), "{}", span=_extent(meta))

    def group(self, meta: Any, children: list[Any]) -> Node:
        opening, items, closing = children
        brackets = str(opening) + str(closing)
        if brackets in ("(]", "[)") and len(items) != 2:
            raise Fault("syntax", f"{opening} is closed by {closing}", _extent(meta))
        return Group(items, brackets, span=_extent(meta))

    def absolute(self, meta: Any, children: list[Any]) -> Node:
        return Absolute(children[1], span=_extent(meta))

    def norm(self, meta: Any, children: list[Any]) -> Node:
        return Norm(children[1], span=_extent(meta))

    def inner(self, meta: Any, children: list[Any]) -> Node:
        return Inner(children[1], children[3], span=_extent(meta))

    def fraction(self, meta: Any, children: list[Any]) -> Node:
        return Fraction(_bare(children[1]), _bare(children[2]), span=_extent(meta))

    def root(self, meta: Any, children: list[Any]) -> Node:
        degree = children[2] if len(children) > 2 else None
        return Root(_bare(children[-1]), degree, span=_extent(meta))

    def evaluated(self, meta: Any, children: list[Any]) -> Node:
        items = children[2]
        return EvaluatedAt(items if isinstance(items, tuple) else (items,), span=_extent(meta))

    def cells(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        return tuple(child for child in children if isinstance(child, Node))

    def matrix(self, meta: Any, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, tuple))
        if len({len(row) for row in rows}) > 1:
            raise Fault("syntax", "the rows of the matrix differ in length", _extent(meta))
        return Matrix(rows, span=_extent(meta))

    def condition(self, meta: Any, children: list[Any]) -> Any:
        chains = [child for child in children if isinstance(child, Node)]
        return chains[0] if chains else None

    def case(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        given = [child for child in children if not isinstance(child, Token)]
        condition = given[1] if len(given) > 1 else None
        if condition is not None and not isinstance(condition, Chain):
            raise Fault("syntax", "a case needs a condition", _extent(meta))
        return given[0], condition

    def cases(self, meta: Any, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, tuple))
        return Cases(rows, span=_extent(meta))

    def start(self, meta: Any, children: list[Any]) -> list[Any]:
        return children


def _extent(meta: Any) -> Span:
    return NOWHERE if meta.empty else Span(meta.start_pos, meta.end_pos)


def _node(child: Any) -> Node:
    assert isinstance(child, Node)
    return child


def _single(items: Any) -> Any:
    if isinstance(items, tuple):
        if len(items) != 1:
            raise Fault("syntax", "one thing is expected here, not a list", items[0].span)
        return _bare(items[0])
    return items


def _bare(node: Any) -> Any:
    """Return what stands in braces, which only group."""
    while isinstance(node, Group) and node.brackets == "{}":
        node = node.items[0]
    return node


def _raised(base: Node, exponent: Node, span: Span) -> Node:
    r"""Return what ``base^{exponent}`` is: a transpose, a member, primes or a power.

    >>> _raised(Symbol("W"), Group((Symbol("l"),), "()"), NOWHERE)
    Member(base=Symbol(name='W'), index=Symbol(name='l'))
    """
    match exponent:
        case Symbol("\\top") | Symbol("T") | Symbol("\\mathrm{T}"):
            return Transposed(base, span=span)
        case Symbol("\\prime"):
            return Primed(base, 1, span=span)
        case Product(factors) if all(f == Symbol("\\prime") for f in factors):
            return Primed(base, len(factors), span=span)
        case Group((index,), "()" | "[]") if isinstance(base, Indexed):  # w_{jk}^{(l)}
            member = Member(base.base, index, span=span)
            return Indexed(member, base.subscripts, span=span)
        case Group((index,), "()" | "[]"):
            return Member(base, index, span=span)
        case Transposed(Group((index,), "()" | "[]")):
            return Transposed(_raised(base, Group((index,), "()"), span), span=span)
        case Product((Group((index,), "()" | "[]"), rest)):
            return _raised(_raised(base, Group((index,), "()"), span), rest, span)
        case Chain() | Dots():
            raise Fault("syntax", "a relation cannot be an exponent", span)
    return Power(base, exponent, span=span)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        lexer=_Lexer,
        propagate_positions=True,
        keep_all_tokens=True,
    )


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Statement, ...]:
    r"""Read a formula: its statements, in order.

    Parameters
    ----------
    text : str
        What stands between the dollar signs.

    Returns
    -------
    tuple of Statement
        One side and no relation where nothing is stated.

    Raises
    ------
    Fault
        Of the kind ``syntax``, where the text cannot be read, and where.

    Examples
    --------
    >>> [len(statement.sides) for statement in parse(r"a = b, \quad c < d < e")]
    [2, 3]
    >>> parse(r"\frac{1}{2")
    Traceback (most recent call last):
    ...
    checked_math.faults.Fault: the formula ends too early: something is not closed or missing
    """
    try:
        segments = _Build().transform(_parser().parse(text))
    except VisitError as error:
        if isinstance(error.orig_exc, Fault):
            raise error.orig_exc from None
        raise Fault("syntax", "the formula is nested too deeply") from None
    except UnexpectedInput as error:
        raise _unexpected(error, text) from None
    except (LarkError, RecursionError):
        raise Fault("syntax", "the formula is nested too deeply") from None
    return tuple(_statements(segments))


def _unexpected(error: UnexpectedInput, text: str) -> Fault:
    """Say where the parser stopped, without its list of terminals."""
    token = getattr(error, "token", None)
    if token is None or token.type == "$END":
        return Fault(
            "syntax",
            "the formula ends too early: something is not closed or missing",
            Span(max(len(text.rstrip()) - 1, 0), len(text.rstrip())),
        )
    span = _span(token)
    return Fault("syntax", f"{span.of(text)!r} cannot stand here", span)


_ORDERS = frozenset(["<", ">", "\\le", "\\ge", "\\ne"])


def _statements(segments: list[Any]) -> Iterator[Statement]:
    """Join what belongs together: ranges and conditions go with the statements they are said of."""
    ranges, rest = _ranges(segments)
    conditions: list[Chain] = []
    found: list[Statement] = []
    said, for_all = "", False
    for k, segment in enumerate(rest):
        if isinstance(segment, Token):
            words = str(segment).partition(" ")[2].lower().split()
            for_all = segment.startswith("FORALL") or bool({*words} & ALL_WORDS)
            said = words[-1] if segment.startswith("TEXT") and words else ""
            continue
        following = rest[k + 1] if k + 1 < len(rest) else None
        premise = isinstance(following, Token) and following.startswith("IMPLIES")
        if isinstance(segment, Chain) and set(segment.relations) <= _ORDERS and premise:
            conditions.append(segment)
        elif isinstance(segment, Chain) and said in CONDITION_WORDS and found:
            last = found.pop()
            found.append(replace(last, conditions=(*last.conditions, segment)))
        elif isinstance(segment, Chain):
            found.append(
                Statement(
                    segment.sides, segment.relations, (), tuple(conditions), span=segment.span
                )
            )
        elif isinstance(segment, Symbol) and for_all:
            pass  # "for all i" binds the letter, which runs anyway
        elif isinstance(segment, Node) and not isinstance(segment, Dots):
            found.append(Statement((segment,), (), span=segment.span))
    for statement in found:
        yield replace(statement, ranges=tuple(ranges))


def _ranges(segments: list[Any]) -> tuple[list[tuple[str, Node, Node]], list[Any]]:
    r"""Take the remarks such as ``i = 1, \dots, n`` out of the segments."""
    ranges: list[tuple[str, Node, Node]] = []
    rest: list[Any] = []
    k = 0
    while k < len(segments):
        segment = segments[k]
        taken = _range_at([s for s in segments[k : k + 9] if not _is_comma(s)])
        if taken is not None:
            ranges.append(taken[0])
            passed = 0
            while passed < taken[1]:
                passed += not _is_comma(segments[k])
                k += 1
            continue
        inside = _range_within(segment)
        if inside is not None:
            ranges.append(inside)
        else:
            rest.append(segment)
        k += 1
    return ranges, rest


def _is_comma(segment: Any) -> bool:
    return isinstance(segment, Token) and not segment.startswith(("TEXT", "IMPLIES", "FORALL"))


def _range_at(segments: list[Any]) -> tuple[tuple[str, Node, Node], int] | None:
    r"""Recognise ``i = 1, \dots, n`` and ``i = 1, 2, \dots, n`` at the start of the segments."""
    match segments:
        case [Chain((Symbol(index), first), ("=",)), Dots(), Node() as last, *_]:
            count = 3
        case [Chain((Symbol(index), first), ("=",)), Node(), Dots(), Node() as last, *_]:
            count = 4
        case _:
            return None
    return (index, first, last), count


def _range_within(segment: Any) -> tuple[str, Node, Node] | None:
    r"""Recognise ``(i = 1, \dots, n)`` and ``i \in \{1, \dots, n\}``."""
    match segment:
        case Group(items, "()"):
            taken = _range_at(list(items))
            return taken[0] if taken and taken[1] == len(items) else None
        case Chain((Symbol(index), Group((first, *_, Dots(), last), "\\{\\}")), ("\\in",)):
            return index, first, last
    return None


# -- the printer ------------------------------------------------------------------------------


def latex(node: Node) -> str:
    r"""Return LaTeX that reads back as the same tree.

    >>> latex(parse(r"\sum_{i=1}^n x_i^2")[0].sides[0])
    '\\sum_{i = 1}^{n} x_{i}^{2}'
    """
    match node:
        case Number(text):
            return text
        case Symbol(name):
            return name
        case Indexed(base, subscripts):
            return f"{latex(base)}_{{{_listed(subscripts)}}}"
        case Member(base, index):
            return f"{latex(base)}^{{({latex(index)})}}"
        case Power(base, exponent):
            return f"{_under(base)}^{{{latex(exponent)}}}"
        case Transposed(Member(base, index)):
            return f"{latex(base)}^{{({latex(index)})\\top}}"
        case Transposed(base):
            return f"{_under(base)}^{{\\top}}"
        case Primed(base, order):
            return latex(base) + "'" * order
        case Starred(base, mark):
            return f"{latex(base)}^{{{mark}}}"
        case Group(items, "{}"):
            return f"{{{_listed(items)}}}"
        case Group(items, brackets):
            half = len(brackets) // 2
            return f"\\left{brackets[:half]} {_listed(items)} \\right{brackets[half:]}"
        case Product(factors):
            return " ".join(latex(factor) for factor in factors)
        case Binary(left, operator, right):
            return f"{latex(left)} {operator} {latex(right)}"
        case Sum(signs, terms):
            pairs = zip(signs, terms, strict=True)
            return " ".join(f"{sign} {latex(term)}".strip() for sign, term in pairs)
        case Fraction(numerator, denominator):
            return f"\\frac{{{latex(numerator)}}}{{{latex(denominator)}}}"
        case Root(body, None):
            return f"\\sqrt{{{latex(body)}}}"
        case Root(body, Node() as degree):
            return f"\\sqrt[{latex(degree)}]{{{latex(body)}}}"
        case Big(operator, lower, upper, body):
            scripts = f"_{{{latex(lower)}}}" if lower else ""
            scripts += f"^{{{latex(upper)}}}" if upper else ""
            return f"{operator}{scripts} {latex(body)}"
        case Absolute(body):
            return f"\\lvert {latex(body)} \\rvert"
        case Inner(left, right):
            return f"\\langle {latex(left)}, {latex(right)} \\rangle"
        case Norm(body):
            return f"\\lVert {latex(body)} \\rVert"
        case EvaluatedAt(conditions):
            return f"\\Big|_{{{_listed(conditions)}}}"
        case Matrix(rows):
            lines = (" & ".join(latex(cell) for cell in row) for row in rows)
            return "\\begin{bmatrix} " + " \\\\ ".join(lines) + " \\end{bmatrix}"
        case Cases(cases):
            return "\\begin{cases} " + " \\\\ ".join(map(_case, cases)) + " \\end{cases}"
        case Dots():
            return "\\dots"
        case Chain(sides, relations) | Statement(sides, relations):
            said = ["\\colon" if sign == ":" else sign for sign in relations]
            steps = zip(said, sides[1:], strict=True)
            return latex(sides[0]) + "".join(f" {sign} {latex(side)}" for sign, side in steps)
    raise TypeError(f"no LaTeX for {node!r}")


def _under(base: Node) -> str:
    """Return what an exponent stands on: in braces where it has one already."""
    inner = base.base if isinstance(base, Indexed) else base
    raised = isinstance(inner, Power | Transposed | Member | Starred)
    return f"{{{latex(base)}}}" if raised else latex(base)


def _listed(items: tuple[Node, ...]) -> str:
    return ", ".join(latex(item) for item in items)


def _case(row: tuple[Node, Node | None]) -> str:
    value, condition = row
    words = latex(condition) if condition else "\\text{otherwise}"
    return f"{latex(value)} & {words}"


def walk(node: Any) -> Iterator[Node]:
    """Yield the node and all within it, from the outside in.

    >>> [type(part).__name__ for part in walk(parse("x^2")[0].sides[0])]
    ['Power', 'Symbol', 'Number']
    """
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif isinstance(node, Node):
        yield node
        for name in node.__dataclass_fields__:
            if name != "span":
                yield from walk(getattr(node, name))
