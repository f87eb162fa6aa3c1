r"""LaTeX to MathML, with what Sphinx allows an author to leave out.

The conversion itself is that of the package ``math-core``. Sphinx's own rules come on top: lines
that end in ``\\`` need no environment around them, and an empty line parts one equation from the
next. Numbers belong to Sphinx, so the numbering environments of LaTeX get none of their own.
"""

import functools
import re

from math_core import LatexError, LatexToMathML

# What LaTeX numbers by itself. With a star it does not.
_NUMBERED = re.compile(r"\\(begin|end)\{(align|alignat|equation|flalign|gather|multline)\}")
_INNERMOST = re.compile(r"\\begin\{([^}]*)\}(?:(?!\\begin\{).)*?\\end\{\1\}", re.DOTALL)


class FormulaError(ValueError):
    """A formula that cannot be converted; the message says where and why."""


@functools.cache
def _converter(macros: tuple[tuple[str, str], ...]) -> LatexToMathML:
    return LatexToMathML(annotation=True, fancy_error=False, macros=dict(macros))


def complete(latex: str) -> str:
    r"""Add the environments that Sphinx lets the author of a displayed formula leave out.

    Parameters
    ----------
    latex : str
        The formula, as it stands in the source of a page.

    Returns
    -------
    str

    Examples
    --------
    >>> complete(r"a &= b \\ c &= d")
    '\\begin{aligned}a &= b \\\\ c &= d\\end{aligned}'
    >>> complete(r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}")
    '\\begin{bmatrix} 1 \\\\ 2 \\end{bmatrix}'
    >>> complete(r"\begin{align} a &= b \end{align}")
    '\\begin{align*} a &= b \\end{align*}'
    """
    latex = _NUMBERED.sub(r"\\\1{\2*}", latex)
    rows = [part.strip() for part in re.split(r"\n\s*\n", latex) if part.strip()]
    if len(rows) > 1 and not any(_has_rows(row) for row in rows):
        return r"\begin{gathered}" + r" \\ ".join(rows) + r"\end{gathered}"
    latex = r" \\ ".join(rows)
    return rf"\begin{{aligned}}{latex}\end{{aligned}}" if _has_rows(latex) else latex


def _has_rows(latex: str) -> bool:
    """Whether a line ends, or is aligned, outside of every environment."""
    while (inside := _INNERMOST.sub("", latex)) != latex:
        latex = inside
    return re.search(r"\\\\|(?<!\\)&", latex) is not None


def to_mathml(latex: str, *, display: bool = False, macros: dict[str, str] | None = None) -> str:
    r"""MathML for a formula, with its LaTeX as annotation.

    Parameters
    ----------
    latex : str
        The formula, without signs around it.
    display : bool, optional
        Whether the formula stands on a line of its own.
    macros : dict, optional
        Commands of the author's: name without backslash, and what it stands for.

    Returns
    -------
    str
        A ``math`` element.

    Raises
    ------
    FormulaError
        If the formula is not LaTeX that can be converted.

    Examples
    --------
    >>> print(to_mathml("x^2").replace("><", ">\n<"))
    <math>
    <semantics>
    <msup>
    <mi>x</mi>
    <mn>2</mn>
    </msup>
    <annotation encoding="application/x-tex">x^2</annotation>
    </semantics>
    </math>
    >>> to_mathml(r"\loss", macros={"loss": "J"}) == to_mathml("J").replace(">J</a", r">\loss</a")
    True
    >>> to_mathml(r"1 + \nosuch")
    Traceback (most recent call last):
    ...
    static_math.latex.FormulaError: 4: Unknown command "\nosuch". in: 1 + \nosuch
    """
    source = complete(latex) if display else latex
    try:
        return _converter(tuple(sorted((macros or {}).items()))).convert_with_local_state(
            source, displaystyle=display
        )
    except LatexError as error:
        raise FormulaError(f"{error} in: {latex.strip()}") from None
