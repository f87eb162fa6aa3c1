import pytest

from static_math.latex import FormulaError, complete, to_mathml


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("a = b", "a = b"),
        (r"a \\ b", r"\begin{aligned}a \\ b\end{aligned}"),
        ("a &= b", r"\begin{aligned}a &= b\end{aligned}"),
        ("a\n\nb", r"\begin{gathered}a \\ b\end{gathered}"),
        ("a &= b\n\nc &= d", r"\begin{aligned}a &= b \\ c &= d\end{aligned}"),
        (r"\begin{cases} 1 & a \\ 2 & b \end{cases}", r"\begin{cases} 1 & a \\ 2 & b \end{cases}"),
        (r"\begin{equation} a \end{equation}", r"\begin{equation*} a \end{equation*}"),
        (r"\begin{align*} a \end{align*}", r"\begin{align*} a \end{align*}"),
        (r"R \& D", r"R \& D"),
    ],
)  # fmt: skip
def test_environments_that_sphinx_lets_authors_leave_out(latex, expected):
    assert complete(latex) == expected


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        r"a &= \begin{bmatrix} 1 \\ 2 \end{bmatrix} \\ b &= c",
        "a\n\nb",
        r"\begin{align} a &= b \\ c &= d \end{align}",
        r"\frac{\partial J}{\partial w} = \sum_{i=1}^n \hat{y}_i \odot \sigma'(z)",
    ],
)
def test_displayed_formulas_convert(latex):
    mathml = to_mathml(latex, display=True)
    assert mathml.startswith('<math display="block">')
    assert "(1)" not in mathml  # numbers are Sphinx's


def test_the_source_is_kept():
    assert ">a &lt; b</annotation>" in to_mathml("a < b")


@pytest.mark.parametrize("latex", [r"\nosuch", r"\frac{1}", r"\begin{nosuch} a \end{nosuch}", "a}"])
def test_what_is_no_latex_is_refused(latex):
    with pytest.raises(FormulaError, match="in: "):
        to_mathml(latex)
