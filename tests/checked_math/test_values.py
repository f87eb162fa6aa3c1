import numpy as np
import pytest
from checking import table_of

from checked_math.syntax import parse
from checked_math.values import Bench

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
