"""A computational graph, with the value above and the gradient below each edge."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from backprop.chain_rule import Node
from backprop_figures.style import BACKWARD, FORWARD, FORWARD_TINT, INK, MUTED, PAPER, Description


def places(order: list[Node]) -> dict[Node, tuple[float, float]]:
    """Where each node of a graph is drawn: inputs to the left of what they feed.

    Parameters
    ----------
    order : list of Node
        The nodes, each after its inputs.

    Returns
    -------
    dict
        The column and the row of each node; row 0 is the top one.

    Examples
    --------
    >>> from backprop.chain_rule import add, backward
    >>> a, b = Node("a", 1.0), Node("b", 2.0)
    >>> [spot for spot in places(backward(add("s", a, b))).values()]
    [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]
    """
    column: dict[Node, int] = {}
    for node in order:
        column[node] = 1 + max((column[source] for source in node.inputs), default=-1)
    for node in order:  # a given number stands just before what it feeds first
        if not node.inputs:
            column[node] = min(column[user] for user in order if node in user.inputs) - 1
    rows: dict[int, int] = {}
    spots: dict[Node, tuple[float, float]] = {}
    for node in sorted(order, key=lambda node: not node.inputs):
        row = rows.get(column[node], 0)
        rows[column[node]] = row + 1
        spots[node] = (float(column[node]), float(row))
    return {node: spots[node] for node in order}


def draw_graph(order: list[Node]) -> Figure:
    """Draw a computational graph after `backward` has filled it in.

    Above the line that leaves a node stands the node's value, below it its gradient.

    Parameters
    ----------
    order : list of Node
        What `backward` returned.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from backprop.chain_rule import backward, multiply
    >>> figure = draw_graph(backward(multiply("m", Node("x", 2.0), Node("w", 3.0))))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['x', '2', '3', 'w', '3', '2', 'm', '6', '1']
    >>> plt.close(figure)
    """
    spots = places(order)
    width, height = 1.7, 1.15
    columns = max(x for x, _ in spots.values())
    rows = max(y for _, y in spots.values())
    figure, axes = plt.subplots(figsize=(1.2 * (columns + 1.4), 0.85 * (rows + 1.3)))
    axes.set_axis_off()
    for node in order:
        x, y = spots[node][0] * width, -spots[node][1] * height
        users = [user for user in order if node in user.inputs]
        for user in users:
            ux, uy = spots[user][0] * width, -spots[user][1] * height
            arrow = FancyArrowPatch(
                (x, y),
                (ux, uy),
                arrowstyle="->",
                mutation_scale=13,
                color=MUTED,
                lw=1.4,
                shrinkA=15,
                shrinkB=16,
                zorder=0,
            )
            axes.add_patch(arrow)
        if not users:
            axes.plot([x, x + 0.95], [y, y], color=MUTED, lw=1.4, zorder=0)
        given = not node.inputs
        axes.text(
            x,
            y,
            node.name,
            ha="center",
            va="center",
            color=INK,
            bbox={
                "boxstyle": "round,pad=0.4" if given else "circle,pad=0.38",
                "facecolor": PAPER if given else FORWARD_TINT,
                "edgecolor": MUTED if given else FORWARD,
                "linewidth": 1.8,
            },
        )
        label: dict[str, Any] = {"ha": "left", "fontsize": 11}
        paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
        value, gradient = f"{node.value:.4g}", f"{node.gradient:.4g}"
        axes.text(x + 0.4, y + 0.08, value, va="bottom", color=FORWARD, bbox=paper, **label)
        axes.text(x + 0.4, y - 0.1, gradient, va="top", color=BACKWARD, bbox=paper, **label)
    axes.set_xlim(-0.5, columns * width + 1.2)
    axes.set_ylim(-rows * height - 0.6, 0.6)
    Description(figure, lambda _: _in_words(order))
    return figure


def _in_words(order: list[Node]) -> str:
    """Say each node of a graph with its value and its gradient."""
    sentences = []
    for node in order:
        origin = " and ".join(source.name for source in node.inputs)
        name = f"{node.name} from {origin}" if origin else node.name
        sentences.append(f"{name}: value {node.value:.4g}, gradient {node.gradient:.4g}.")
    return " ".join(sentences)
