import numpy as np
import pytest
from checking import table_of, verdict_of

from checked_math.faults import Fault
from checked_math.symbols import Domain
from checked_math.syntax import parse
from checked_math.values import Bench, draw

DECLARED = (
    r"n \in \mathbb{N}",
    r"d \in \mathbb{N}",
    r"u \in \mathbb{R}^{n}",
    r"A \in \mathbb{R}^{n \times d}",
    r"S \in \mathbb{R}^{n \times n}",
    r"p \in (0, 1)^{n}",
    r"q \in [0, 1]^{n}",
    r"x \in \mathbb{R}",
    r"t \in \{0, 1\}^{n}, \sum_i t_i = 1",
    r"s > 0",
)


@pytest.fixture(params=[0, 1])
def bench(request):
    return Bench(table_of(*DECLARED), request.param)


def value(bench, text):
    return bench.evaluate(bench.scope.read(parse(text)[0].sides[0]))


def by_numpy(bench, function):
    """The same by plain NumPy, one draw after the other."""
    drawn = {name: bench.free(name) for name in "uApqxtsS"}
    return np.stack(
        [function(**{k: v[..., j] for k, v in drawn.items()}) for j in range(bench.draws)], axis=-1
    )


@pytest.mark.parametrize(
    ("text", "function"),
    [
        (r"A^T u", lambda A, u, **_: A.T @ u),
        (r"u^T A", lambda A, u, **_: u[None] @ A),
        (r"u u^T", lambda u, **_: np.outer(u, u)),
        (r"u^T u", lambda u, **_: u @ u),
        (r"\sum_i u_i p_i + 1", lambda u, p, **_: (u * p).sum() + 1),
        (r"\sum_{i=2}^{n} u_i", lambda u, **_: u[1:].sum()),
        (r"\sum_{i \ne 2} u_i", lambda u, **_: u.sum() - u[1]),
        (r"\sum_{i,j} A_{ij}^2", lambda A, **_: (A**2).sum()),
        (r"\prod_{i=1}^{n} p_i", lambda p, **_: p.prod()),
        (r"\max_i u_i", lambda u, **_: u.max()),
        (r"\min_i u_i", lambda u, **_: u.min()),
        (r"\min(u, 0)", lambda u, **_: np.minimum(u, 0)),
        (r"\operatorname{argmin}_i u_i", lambda u, **_: 1 + u.argmin()),
        (r"\prod_{i=1}^{n} (1 + p_i q_i)", lambda p, q, **_: (1 + p * q).prod()),
        (r"A^T \mathbf{1}", lambda A, **_: A.sum(axis=0)),
        (r"\mathbf{1} + u", lambda u, **_: 1 + u),
        (r"\sum_i u_i p", lambda u, p, **_: u.sum() * p),
        (r"\max(u, 0)", lambda u, **_: np.maximum(u, 0)),
        (r"\lVert A \rVert_F", lambda A, **_: np.linalg.norm(A)),
        (r"\lVert u \rVert_1", lambda u, **_: abs(u).sum()),
        (r"|x|", lambda x, **_: abs(x)),
        (r"\log_2 s", lambda s, **_: np.log2(s)),
        (r"\sqrt[3]{s}", lambda s, **_: s ** (1 / 3)),
        (r"e^{x} + \exp(-x) + \ln s", lambda x, s, **_: np.exp(x) + np.exp(-x) + np.log(s)),
        (r"\tanh^2 x", lambda x, **_: np.tanh(x) ** 2),
        (r"\operatorname{diag}(u)", lambda u, **_: np.diag(u)),
        (r"\operatorname{tr}(S)", lambda S, **_: np.trace(S)),
        (r"S^{-1}", lambda S, **_: np.linalg.inv(S)),
        (r"\operatorname{softmax}(A)", lambda A, **_: np.exp(A) / np.exp(A).sum(1, keepdims=True)),
        (r"\begin{cases} x & \text{if } x > 0 \\ 2 x & \text{otherwise} \end{cases}",
         lambda x, **_: x if x > 0 else 2 * x),
        (r"\sum_i \mathbf{1}\{u_i > 0\}", lambda u, **_: (u > 0).sum()),
        (r"\operatorname{argmax}_i u_i", lambda u, **_: 1 + u.argmax()),
        (r"x^2 y \Big|_{y = 3}", lambda x, **_: 3 * x**2),
        (r"A_{1,2} u_n", lambda A, u, **_: A[0, 1] * u[-1]),
    ],
)  # fmt: skip
def test_value(bench, text, function):
    np.testing.assert_allclose(value(bench, text), by_numpy(bench, function), rtol=1e-12)


def test_sizes_differ_from_each_other_and_between_groups():
    counts = [
        [bench.count(name) for name in "abcdefgh"]
        for bench in (Bench(table_of(), g) for g in (0, 1))
    ]
    assert all(len(set(row)) == 8 and min(row) > 1 for row in counts)
    assert all(a != b for a, b in zip(*counts, strict=True))


def test_draws_lie_in_their_domains(bench):
    assert ((value(bench, "p") > 0) & (value(bench, "p") < 1)).all()
    closed = value(bench, "q")
    assert closed.min() == 0
    assert closed.max() == 1
    assert (value(bench, "s") > 0).all()
    one_hot = value(bench, "t")
    assert set(np.unique(one_hot)) == {0.0, 1.0}
    assert (one_hot.sum(axis=0) == 1).all()


def test_draws_are_the_same_in_every_run_and_enough():
    first, second = (Bench(table_of(*DECLARED), 0).free("u") for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape[-1] >= 64


def test_a_limit_is_extrapolated(bench):
    slope = value(bench, r"\lim_{h \to 0} \frac{e^{x + h} - e^{x}}{h}")
    np.testing.assert_allclose(slope, np.exp(bench.free("x")), rtol=1e-8)


# -- draws ------------------------------------------------------------------------------------


def drawn(domain, shape=(4, 500), short=False):
    return draw(domain, shape, np.random.default_rng(1), short)


@pytest.mark.parametrize(
    ("domain", "low", "high"),
    [
        (Domain("real"), -2, 2),
        (Domain("interval", -np.inf, np.inf), -2, 2),
        (Domain("interval", 5, np.inf), 5, 7.5),
        (Domain("interval", -np.inf, 5), 2.5, 5),
        (Domain("interval", 5, 8), 5, 8),
    ],
)
def test_draws_fill_their_interval(domain, low, high):
    values = drawn(domain)
    assert values.shape == (4, 500)
    assert low < values.min() < low + 0.1 * (high - low)
    assert high > values.max() > high - 0.1 * (high - low)
    assert len(np.unique(values)) == 2000


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (Domain("natural"), range(1, 9)),
        (Domain("integer"), range(-5, 6)),
        (Domain("set", values=(2.0, 3.0, 7.0)), (2, 3, 7)),
    ],
)
def test_every_member_is_drawn(domain, expected):
    values, counts = np.unique(drawn(domain), return_counts=True)
    assert values.tolist() == list(expected)
    assert counts.min() > 0.7 * counts.mean()


@pytest.mark.parametrize("ends", [(True, True), (True, False), (False, True), (False, False)])
def test_closed_ends_are_drawn_now_and_then(ends):
    values = drawn(Domain("interval", 0, 1, *ends))
    for end, closed in zip((0, 1), ends, strict=True):
        assert 0.07 < np.mean(values == end) < 0.13 if closed else end not in values
    half_open = drawn(Domain("interval", 0, np.inf, *ends))
    assert (0 in half_open) is ends[0]
    assert np.isfinite(half_open).all()


@pytest.mark.parametrize(
    ("domain", "digits"),
    [
        (Domain("real"), 1),
        (Domain("interval", 0, np.inf), 1),
        (Domain("interval", 0, 1), 2),
        (Domain("interval", 0, 50), 1),
        (Domain("interval", 0, 0.01), 4),
    ],
)
def test_numbers_to_be_printed_have_few_digits(domain, digits):
    values = drawn(domain, short=True)
    np.testing.assert_array_equal(values, np.round(values, digits))
    assert not np.array_equal(values, np.round(values, digits - 1))
    assert len(np.unique(drawn(domain))) == 2000


def test_shares_are_positive_and_add_up_to_1():
    shares = drawn(Domain("interval", 0, 1, simplex=True), (2, 3, 500))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares.min() > 0
    classes = drawn(Domain("set", values=(0.0, 1.0), simplex=True), (2, 3, 500))
    assert set(np.unique(classes)) == {0.0, 1.0}
    assert (classes.sum(axis=1) == 1).all()
    assert (classes.mean(axis=(0, 2)) > 0.25).all()  # each class, about a third of the time
    assert not np.array_equal(classes[0], classes[1])


def test_sizes_never_run_out_and_are_small_in_examples():
    for group in (0, 1):
        bench = Bench(table_of(), group)
        counts = [bench.count(f"a{k}") for k in range(20)]
        assert len(set(counts)) == 20
        assert bench.count("a0") == counts[0]
    short = Bench(table_of(), 0, short=True)
    assert [short.count(name) for name in "abc"] == [2, 3, 4]


def test_draws_of_a_name_do_not_depend_on_other_names_but_on_group_and_length():
    first, alone = Bench(table_of(*DECLARED), 0), Bench(table_of(r"x \in \mathbb{R}"), 0)
    first.free("s")
    np.testing.assert_array_equal(first.free("x"), alone.free("x"))
    assert first.free("x") is first.free("x")
    others = [Bench(table_of(*DECLARED), 1), Bench(table_of(*DECLARED), 0, short=True)]
    assert all(not np.allclose(first.free("x"), other.free("x"), atol=0.1) for other in others)
    assert not np.allclose(first.free("x"), first.free("s"))


# -- any smooth function ----------------------------------------------------------------------

MAPS = (
    *DECLARED, r"y \in \mathbb{R}", r"v \in \mathbb{R}^{n}",
    r"f \colon \mathbb{R} \to \mathbb{R}", r"g \colon \mathbb{R} \to \mathbb{R}",
    r"F \colon \mathbb{R}^{n} \to \mathbb{R}", r"G \colon \mathbb{R}^{n} \to \mathbb{R}",
    r"H \colon \mathbb{R}^{n} \to \mathbb{R}^{d}", r"c \colon \mathbb{R} \to \mathbb{R}^{d}",
)  # fmt: skip


@pytest.mark.parametrize(
    "special",
    [
        r"f(x) = g(x)", r"f(x) = f(y)", r"f(-x) = f(x)", r"f(-x) = -f(x)", r"f(2 x) = 2 f(x)",
        r"f(x + y) = f(x) + f(y)", r"f(x + 1) = f(x) + f(1) - f(0)", r"f(0) = 0", r"f'(x) = 1",
        r"f''(x) = f''(y)", r"f(x) = x", r"c(x)_1 = c(x)_2", r"c(x) = c(y)",
        r"F(u) = G(u)", r"F(u) = F(v)", r"F(-u) = F(u)", r"F(-u) = -F(u)", r"F(2 u) = 2 F(u)",
        r"F(u + v) = F(u) + F(v)", r"F(u - u) = 0", r"H(u)_1 = H(u)_2", r"H(u) = H(v)",
        r"\frac{\partial F(u)}{\partial u_1} = \frac{\partial F(u)}{\partial u_2}",
        r"\frac{\partial F(u)}{\partial u_1} = 0", r"\frac{\partial F(u)}{\partial u_n} = 0",
        r"\frac{\partial H(u)_1}{\partial u_1} = \frac{\partial H(u)_2}{\partial u_1}",
        r"F(u + v) - F(u) = F(2 v + u) - F(v + u)",
    ],
)  # fmt: skip
def test_no_special_rule_holds_for_a_function_of_which_nothing_is_known(special):
    assert verdict_of(special, *MAPS).kind == "differ"


@pytest.mark.parametrize(
    "general",
    [
        r"f(x + y) = f(y + x)", r"\frac{d}{dx} (f(x) g(x)) = f'(x) g(x) + f(x) g'(x)",
        r"\nabla_u (F(u)^2) = 2 F(u) \nabla_u F(u)", r"F(u) + F(v) = F(v) + F(u)",
        r"\frac{\partial f(F(u))}{\partial u} = f'(F(u)) \frac{\partial F(u)}{\partial u}",
        r"\nabla_u (F(u) G(u)) = G(u) \nabla_u F(u) + F(u) \nabla_u G(u)",
        r"c(x)_1 + c(x)_2 = c(x)_2 + c(x)_1",
    ],
)  # fmt: skip
def test_what_holds_for_every_smooth_function_holds(general):
    verdict = verdict_of(general, *MAPS)
    assert verdict.word == "holds", verdict.message


def test_a_function_is_another_one_at_each_draw():
    bench = Bench(table_of(*MAPS), 0)
    for text in ("f(1)", "F(0 u)"):
        values = value(bench, text)
        assert values.shape == (bench.draws,)
        assert len(np.unique(values)) == bench.draws


@pytest.mark.parametrize(
    ("target", "low", "high"),
    [
        (r"(0, 1)", 0, 1), (r"(1, 3)", 1, 3), (r"(2, \infty)", 2, np.inf),
        (r"(-\infty, 3)", -np.inf, 3), (r"\mathbb{R}", -np.inf, np.inf),
    ],
)  # fmt: skip
def test_the_values_of_a_function_lie_where_it_maps_to(target, low, high):
    bench = Bench(table_of(r"x \in \mathbb{R}", rf"f \colon \mathbb{{R}} \to {target}"), 0)
    values = value(bench, "f(x)")
    assert low < values.min()
    assert values.max() < high
    assert values.max() - values.min() > 0.7 * min(high - low, 4)  # not only a part of the set


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a(x)", lambda x: x**3), ("a'(x)", lambda x: 3 * x**2), ("a''(x)", lambda x: 6 * x),
        ("a(2)", lambda x: 8 + 0 * x), ("a(a(x))", lambda x: x**9),
    ],
)  # fmt: skip
def test_a_function_that_is_code_has_the_values_and_slopes_of_the_code(text, expected):
    table = table_of(r"x \in \mathbb{R}")
    table.declare(r"a \colon \mathbb{R} \to \mathbb{R}", tie="power.third")
    bench = Bench(table, 0)
    bench.code["power.third"] = lambda x: float(x) ** 3  # one number at a time
    np.testing.assert_allclose(value(bench, text), expected(bench.free("x")), rtol=1e-7, atol=1e-6)


def test_a_function_that_is_code_of_numbers_takes_each_entry_of_an_array():
    table = table_of(r"n \in \mathbb{N}", r"u \in \mathbb{R}^{n}")
    table.declare(r"a \colon \mathbb{R} \to \mathbb{R}", tie="power.third")
    bench = Bench(table, 0)
    bench.code["power.third"] = lambda x: x**3
    np.testing.assert_allclose(value(bench, "a(u)"), bench.free("u") ** 3, rtol=1e-12)


def test_code_of_arrays_needs_a_formula():
    table = table_of(r"n \in \mathbb{N}", r"u \in \mathbb{R}^{n}")
    table.declare(r"a \colon \mathbb{R}^n \to \mathbb{R}", tie="power.third")
    bench = Bench(table, 0)
    bench.code["power.third"] = np.sum
    with pytest.raises(Fault) as caught:
        value(bench, "a(u)")
    assert caught.value.kind == "undecided"
    assert caught.value.message == "power.third is code of arrays: give the formula too"


# -- what may be wrong with a value -----------------------------------------------------------


def test_a_name_that_is_bound_nowhere_has_no_value(bench):
    inner = bench.root.child({"a": 1.0}).child({"b": 2.0})
    assert (inner.local("a"), inner.local("b")) == (1.0, 2.0)
    with pytest.raises(KeyError, match="c"):
        inner.local("c")


def test_it_is_noted_how_near_a_draw_came_to_a_kink(bench):
    value(bench, r"|x| + \max(u_1, u_2)")
    x, u = bench.free("x"), bench.free("u")
    expected = np.minimum(abs(x), abs(u[0] - u[1]))
    np.testing.assert_allclose(bench.margin, expected)


def test_a_number_without_draws_has_no_kink(bench):
    assert value(bench, "|{-2}|").tolist() == [2.0] * bench.draws
    assert np.isinf(bench.margin).all()


def test_complaints_are_made_of_wrong_values_alone(bench):
    value(bench, r"\frac{1}{s} + \ln s + \sqrt{s} + s^{0.5}")
    assert bench.complaints == []
    value(bench, r"\ln x")
    assert bench.complaints == ["the logarithm of a negative number"]


def test_a_constant_is_spread_over_its_shape_and_the_draws(bench):
    assert value(bench, "2").shape == (bench.draws,)
    assert value(bench, r"\sum_{i=1}^{n} 2").tolist() == [2.0 * bench.count("n")] * bench.draws
    empty = value(bench, r"\sum_{i=2}^{1} i u")
    np.testing.assert_array_equal(empty, np.zeros((bench.count("n"), bench.draws)))
