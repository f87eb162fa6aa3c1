r"""LaTeX to the tokens that the grammar reads; here rows, bars, words and spaces are settled.

>>> [token.type for token in tokens_of(r"|x| \quad \text{and}")]
['ABS_OPEN', 'NAME', 'ABS_CLOSE', 'SEP']
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token

from checked_math.faults import Fault, Span
from checked_math.names import FONTED, WORD, spelled

# Words that join statements; any other single word in \text{} may be a name.
_JOINING_WORDS = frozenset(
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
        "respect",
        "to",
        "we",
        "have",
    ]
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


def span_of(token: Token) -> Span:
    """Return where a token stands."""
    return Span(token.start_pos or 0, token.end_pos or 0)


def tokens_of(text: str) -> list[Token]:
    r"""Return the tokens the grammar reads.

    >>> [token.type for token in tokens_of(r"|x| \quad \text{and}")]
    ['ABS_OPEN', 'NAME', 'ABS_CLOSE', 'SEP']
    """
    tokens = _with_bars(list(_raw_tokens(text)))
    return _with_arguments(_with_separators(_with_environments(tokens)))


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
            raise Fault("syntax", r"* is not a sign of LaTeX: write \cdot", Span(position, end))
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
        if WORD.fullmatch(words) and words.lower() not in _JOINING_WORDS and " " not in words:
            return "NAME", spelled(match[0], Span(position, match.end())), match.end()
        return "TEXT", words.strip(" ,.;"), match.end()
    if match := FONTED.match(text, position):
        whole = Span(position, match.end())
        return "NAME", spelled(match[0], whole), match.end()
    if match := _TOKEN.match(text, position):
        kind, value = str(match.lastgroup), match[0]
        if kind == "NAME":
            value = spelled(value, Span(position, match.end()))
        return kind, _CANONICAL.get(value, value), match.end()
    wrong = text[position]
    if ord(wrong) > 127:
        raise Fault("syntax", f"{wrong!r} (U+{ord(wrong):04X}) is not a sign of LaTeX", span)
    raise Fault("syntax", f"{text[position : position + 2].strip()!r} is not known here", span)


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
                    raise Fault("syntax", f"\\end{{{token}}} has no beginning", span_of(token))
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
    raise Fault("syntax", f"the environment {name} is not known here", span_of(token))


def _continues(rest: list[Token]) -> bool:
    """Whether the row that starts here goes on with the statement of the row before."""
    aligned = False
    for token in rest:
        if token.type == "AMP":
            aligned = True
        elif token.type != "QUAD":
            if token.type == "SIGN":
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
                        "syntax", f"{str(token)!r} cannot stand within a formula", span_of(token)
                    )
                out.append(_like(token, "SEP"))
            case "IMPLIES" | "TEXT" | "FORALL" if depth <= 0:
                out.append(_like(token, "SEP", f"{token.type} {token}"))
            case "IMPLIES" | "TEXT" | "FORALL":
                raise Fault("syntax", "words cannot stand within brackets", span_of(token))
            case "QUAD":
                following = tokens[i + 1].type if i + 1 < len(tokens) else "SEP"
                ended = bool(out) and out[-1].type in _OPERAND_ENDS | {"DOTS"}
                if depth <= 0 and ended and following in _OPERAND_STARTS:
                    out.append(_like(token, "SEP"))
            case _:
                out.append(token)
    return out


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
                span_of(token),
            )
        elif wanted and token.type in ("NUMBER", "NAME"):
            wanted -= 1
        else:
            wanted = 0
        if token.type == "CARET" and out and out[-1].type == "CARET":
            raise Fault("syntax", "two exponents in a row", span_of(token))
        out.append(token)
    for before, sign, after in zip(out, out[1:], out[2:], strict=False):
        if before.type == "CARET" and sign.type == "SIGN" and after.type in _OPERAND_STARTS:
            raise Fault("syntax", f"only the {sign} is raised: write ^{{{sign}...}}", span_of(sign))
    return out
