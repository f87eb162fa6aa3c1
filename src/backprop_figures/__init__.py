"""The drawings of the book: one style, one palette.

Values are drawn above, gradients below; what flows forward is blue, what flows backward is orange.

`style`
    The palette, and how every figure of the book looks.
`network`
    A network, layer by layer, with the numbers that it computed.
`units`
    One unit, as a weighted sum.
`matrices`
    A product of matrices, drawn to scale.
`costs`
    What a prediction costs, and which way it should go.
`descent`
    A cost as a valley with the steps of gradient descent on it, and a line fit with its errors.
`graph`
    A computational graph, with the value above and the gradient below each node.
`paths`
    One unit and the units that it feeds, with what each path brings back.
"""

from backprop_figures.costs import add_cost, draw_pushes
from backprop_figures.descent import draw_map, draw_squares, draw_valley
from backprop_figures.graph import draw_graph
from backprop_figures.matrices import draw_product
from backprop_figures.network import draw_network
from backprop_figures.paths import draw_paths
from backprop_figures.style import BACKWARD, FORWARD, MUTED, use_book_style
from backprop_figures.units import draw_unit

__all__ = [
    "BACKWARD",
    "FORWARD",
    "MUTED",
    "add_cost",
    "draw_graph",
    "draw_map",
    "draw_network",
    "draw_paths",
    "draw_product",
    "draw_pushes",
    "draw_squares",
    "draw_unit",
    "draw_valley",
    "use_book_style",
]
