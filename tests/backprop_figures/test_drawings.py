import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from backprop.chain_rule import Node, add, backward, multiply
from backprop.forward import forward_layers
from backprop_figures import BACKWARD, FORWARD, draw_graph, draw_network, use_book_style
from backprop_figures.graph import places

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


def test_a_graph_shows_value_above_and_gradient_below():
    x, w = Node("x", 2.0), Node("w", 3.0)
    figure = draw_graph(backward(multiply("m", x, w)))
    above = {t.get_text() for t in figure.axes[0].texts if t.get_color() == FORWARD}
    below = {t.get_text() for t in figure.axes[0].texts if t.get_color() == BACKWARD}
    assert above == {"2", "3", "6"}
    assert below == {"3", "2", "1"}
    for up, down in zip(figure.axes[0].texts[1::3], figure.axes[0].texts[2::3], strict=True):
        assert up.get_position()[1] > down.get_position()[1]


def test_no_two_nodes_stand_on_one_place():
    a, b, c = Node("a", 1.0), Node("b", 2.0), Node("c", 3.0)
    spots = places(backward(multiply("q", add("s", a, b), c)))
    assert len(set(spots.values())) == len(spots)
    assert all(spots[source][0] < spots[node][0] for node in spots for source in node.inputs)


def test_the_style_keeps_text_as_text():
    use_book_style()
    assert mpl.rcParams["svg.fonttype"] == "none"
