import math

import pytest
from checking import table_of

from checked_math.faults import Fault
from checked_math.symbols import Table, constant, key_of
from checked_math.syntax import parse


@pytest.mark.parametrize(
    ("declaration", "name"),
    [
        (r"X \in \mathbb{R}^{n \times d}", "X"),
        (r"w_{\text{old}} \in \mathbb{R}", "w_old"),
        (r"\mathbf{x} \in \mathbb{R}^{d}", "x"),
        (r"\hat{y} \in (0, 1)", "\\hat{y}"),
        (r"W^{(l)} \in \mathbb{R}^{d_l \times d_{l-1}}", "W^()"),
        (r"W^{[2]} \in \mathbb{R}^{2 \times 3}", "W^(2)"),
        (r"d_l \in \mathbb{N}", "d_()"),
        (r"h_1 = \tanh(x)", "h_1"),
        (r"p_i = \frac{1}{z_i}", "p"),
        (r"\sigma(z) = \frac{1}{1 + e^{-z}}", "\\sigma"),
        (r"f \colon \mathbb{R} \to \mathbb{R}", "f"),
        (r"h_t = \tanh(h_{t-1})", "h_()"),
    ],
)
def test_name_of_a_declaration(declaration, name):
    assert Table().declare(declaration) == (name,)


@pytest.mark.parametrize(
    ("declaration", "low", "high", "closed"),
    [
        (r"x > 0", 0, math.inf, (False, False)),
        (r"x \ge 0", 0, math.inf, (True, False)),
        (r"0 < x \le 1", 0, 1, (False, True)),
        (r"|x| < 2", -2, 2, (False, False)),
        (r"x \in [-1, 1)", -1, 1, (True, False)),
        (r"x \in (0, \infty)", 0, math.inf, (False, False)),
    ],
)
def test_bounds(declaration, low, high, closed):
    domain = table_of(declaration).find("x").domain
    assert (domain.low, domain.high) == (low, high)
    assert (domain.low_closed, domain.high_closed) == closed


def test_a_list_declares_each():
    assert Table().declare(r"v, w \in \mathbb{R}^{n}") == ("v", "w")


def test_one_hot_is_a_set_whose_rows_sum_to_one():
    domain = table_of(r"t \in \{0, 1\}^{K}, \sum_k t_k = 1").find("t").domain
    assert domain.values == (0.0, 1.0)
    assert domain.simplex


def test_bold_and_plain_are_one_letter():
    assert table_of(r"\mathbf{x} \in \mathbb{R}").find("x") is not None


@pytest.mark.parametrize("text", ["x", r"x \in Q", r"x + 1 = 2", r"x \approx 2", r"\exp = 2"])
def test_what_declares_nothing_is_refused(text):
    with pytest.raises(Fault):
        Table().declare(text)


def test_constants():
    assert constant(parse(r"-\frac{1}{2}")[0].sides[0]) == -0.5
    with pytest.raises(Fault):
        constant(parse("x")[0].sides[0])


def test_key_of_an_entry_of_a_member():
    assert key_of(parse(r"b^{(2)}")[0].sides[0]) == "b^(2)"
