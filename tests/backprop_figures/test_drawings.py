import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from backprop.chain_rule import Node, add, backward, multiply
from backprop.forward import forward_layers
from backprop_figures import (
    BACKWARD,
    FORWARD,
    MUTED,
    draw_graph,
    draw_map,
    draw_network,
    draw_paths,
    draw_squares,
    draw_valley,
    use_book_style,
)
from backprop_figures.graph import places
from backprop_figures.style import THIRD

mpl.use("agg")
WEIGHTS = [[[1, -1], [2, 1]], [[1, 0], [-1, 2]], [[2], [-1]]]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_network_shows_the_numbers_that_it_computed():
    shown = texts(draw_network(forward_layers([[1, 2]], WEIGHTS), WEIGHTS, ["in", "1", "2", "out"]))
    activations = [
        f"{value:g}" for layer in forward_layers([[1, 2]], WEIGHTS) for value in layer[0]
    ]
    weights = [f"{w:g}" for W in WEIGHTS for row in W for w in row]
    assert sorted(shown) == sorted([*activations, *weights, "in", "1", "2", "out"])


def test_a_negative_weight_is_dashed():
    figure = draw_network([[[1, 2]], [[3]]], [[[5], [-1]]])
    assert [line.get_linestyle() for line in figure.axes[0].lines] == ["-", "--"]


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"layers of \[2, 1\] units do not fit weights of shapes"):
        draw_network([[[1, 2]], [[3]]], [[[5, 1]]])


def test_deltas_stand_in_the_circles_and_what_is_not_reached_is_left_out():
    layers = forward_layers([[1, 2]], WEIGHTS)
    figure = draw_network(
        layers,
        WEIGHTS,
        gradients=[None, None, [[8], [4]]],
        deltas=[None, None, [[2]]],
        lit=[(2, 0, 0)],
    )
    shown = [t for t in figure.axes[0].texts if t.get_color() == BACKWARD]
    assert sorted(t.get_text().strip() for t in shown) == ["2", "4", "8"]
    lines = [line.get_color() for line in figure.axes[0].lines]
    assert lines.count(BACKWARD) == 1
    assert lines[8] == BACKWARD


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gradients": [[[1, 2]]]}, r"a gradient of shape \(1, 2\) does not fit weights of shape"),
        ({"deltas": [[[1, 2]]]}, "2 deltas do not fit a layer of 1 units"),
        ({"gradients": [None, [[1]]]}, r"a gradient of shape \(1, 1\) does not fit .* None"),
    ],
)
def test_gradients_and_deltas_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        draw_network([[[1, 2]], [[3]]], [[[5], [1]]], **given)


def coloured(figure, colour):
    return [t.get_text() for t in figure.axes[0].texts if t.get_color() == colour]


def test_a_graph_shows_the_values_of_the_way_forward():
    x, w = Node("x", 2.0), Node("w", 3.0)
    figure = draw_graph(backward(multiply("m", x, w)))
    assert coloured(figure, FORWARD) == ["x = 2", "w = 3", "m = 6"]
    assert not coloured(figure, BACKWARD)
    heights = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
    assert heights["m = 6"] > heights["\N{MULTIPLICATION SIGN}"]


def test_the_way_back_has_slopes_on_the_edges_and_gradients_below():
    x, w = Node("x", 2.0), Node("w", 3.0)
    figure = draw_graph(backward(multiply("m", x, w)), backward=True)
    assert coloured(figure, MUTED) == ["3", "2"]
    assert coloured(figure, BACKWARD) == ["3", "2", "1"]
    heights = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
    assert heights["m"] > heights["\N{MULTIPLICATION SIGN}"] > heights["1"]


def test_the_arrows_of_a_node_that_is_used_twice_stay_apart():
    x = Node("x", 3.0)
    figure = draw_graph(backward(multiply("q", x, x)), backward=True)
    upper, lower = (t.get_position()[1] for t in figure.axes[0].texts if t.get_color() == MUTED)
    assert upper > 0.2
    assert lower < -0.2


def test_a_nudge_goes_along_each_path_and_adds_up():
    x, c = Node("x", 3.0), Node("c", 2.0)
    figure = draw_graph(backward(add("s", multiply("q", x, x), c)), nudge=(x, 0.1))
    assert coloured(figure, THIRD) == ["3 · 0.1", "3 · 0.1", "1 · 0.6", "+0.1", "+0.6", "+0.6"]
    assert "+ 2" in texts(figure), "what stays is no node of its own"
    assert "c = 2" not in texts(figure)


def test_a_number_that_joins_late_stands_below():
    m, b = multiply("m", Node("x", 1.0), Node("w", 1.0)), Node("b", 1.0)
    spots = places(backward(add("z", m, b)))
    assert spots[b][0] == spots[m][0]
    assert spots[b][1] == spots[m][1] + 1


def test_a_number_that_joins_late_keeps_clear_of_what_stands_there():
    m = multiply("m", Node("x", 1.0), Node("w", 1.0))
    k = multiply("k", Node("y", 1.0), Node("v", 1.0))
    b = Node("b", 1.0)
    z = Node("z", 3.0, (m, k, b), (1.0, 1.0, 1.0), operation="+")
    spots = places(backward(z))
    assert spots[b] == (spots[k][0], spots[k][1] + 1.5)


def test_no_two_nodes_stand_on_one_place():
    a, b, c = Node("a", 1.0), Node("b", 2.0), Node("c", 3.0)
    spots = places(backward(multiply("q", add("s", a, b), c)))
    assert len(set(spots.values())) == len(spots)
    assert all(spots[source][0] < spots[node][0] for node in spots for source in node.inputs)


def test_paths_show_each_product_and_their_sum():
    figure = draw_paths([1, 0], [4, -2])
    shown = [t.get_text() for t in figure.axes[0].texts if t.get_text()]
    assert shown == ["4", "4 · 1 = 4", "-2", "-2 · 0 = 0", "4"]


def test_each_path_needs_a_delta():
    with pytest.raises(ValueError, match="2 weights need as many deltas, not 1"):
        draw_paths([1, 2], [4])


def test_a_valley_has_each_step_on_its_curve():
    (curve, steps) = draw_valley(lambda w: (w - 1) ** 2, [3, 2], (-1, 3)).axes[0].lines
    assert curve.get_ydata()[0] == curve.get_ydata()[-1] == 4
    assert steps.get_ydata().tolist() == [4, 1]


def test_a_map_shows_the_way_of_both_weights():
    figure = draw_map(lambda v, w: v**2 + w**2, [[1, 0], [0, 0.5]], ((-1, 1), (-1, 1)))
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[1, 0], [0, 0.5]]
    assert len(figure.axes[0].texts) == 1


@pytest.mark.parametrize(("target", "left", "bottom"), [(3, -2, 1), (0, 0, 0)])
def test_the_square_of_an_error_reaches_from_the_point_to_the_line(target, left, bottom):
    (square,) = draw_squares([0], [target], 1, 1, ("x", "y")).axes[0].patches
    assert square.get_xy() == (left, bottom)
    assert square.get_height() == square.get_width() == abs(target - 1)


def test_a_phone_shows_the_text_of_a_graph_large_enough():
    last = Node("x", 1.0)
    for _ in range(5):
        last = multiply("m", last, last)
    figure = draw_graph(backward(last), backward=True)
    shrunk = min(1, 341 / (96 * figure.get_figwidth()))
    sizes = [96 / 72 * text.get_fontsize() * shrunk for text in figure.axes[0].texts]
    assert min(sizes) > 9


def test_the_style_keeps_text_as_text():
    use_book_style()
    assert mpl.rcParams["svg.fonttype"] == "none"
