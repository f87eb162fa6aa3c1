"""A computational graph: values above, gradients below, the local slope on each edge."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from backprop.chain_rule import Node
from backprop_figures.style import (
    BACKWARD,
    FORWARD,
    FORWARD_TINT,
    INK,
    MUTED,
    PAPER,
    THIRD,
    Description,
)

HEIGHT = 1.25
SIGNS = {
    "*": "\N{MULTIPLICATION SIGN}",
    "-": "\N{MINUS SIGN}",
    "sigmoid": "\N{GREEK SMALL LETTER SIGMA}",
    "<lambda>": "f",
}


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
    [(0.0, 0.0), (0.0, 1.0), (1.0, 0.5)]
    """
    column: dict[Node, int] = {}
    for node in order:
        column[node] = 1 + max((column[source] for source in node.inputs), default=-1)
    for node in order:  # a given number stands just before what it feeds first
        if not node.inputs and len(order) > 1:
            column[node] = min(column[user] for user in order if node in user.inputs) - 1
    row: dict[Node, float] = {}
    top = 0
    for node in order:
        if not node.inputs:
            if column[node] == 0:
                row[node], top = float(top), top + 1
            continue
        # What was computed goes straight on; a number that joins it comes from below.
        sources = [source for source in node.inputs if source in row]
        far = max(column[source] for source in sources)
        rows = [row[source] for source in sources if source.inputs or column[source] == far]
        row[node] = sum(rows) / len(rows)
        for source in node.inputs:
            row.setdefault(source, row[node] + 1)
    return {node: (float(column[node]), row[node]) for node in order}


def draw_graph(order: list[Node], nudge: tuple[Node, float] | None = None) -> Figure:
    """Draw a computational graph after `backward` has filled it in.

    In each circle stands the operation; above the line that leaves it the value, below the line
    the gradient; on each edge its local slope.

    Parameters
    ----------
    order : list of Node
        What `backward` returned.
    nudge : tuple of Node and float, optional
        A node, and how far it is moved. Then what this moves stands in place of gradients and
        slopes: on each edge what it brings, below each line the sum.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from backprop.chain_rule import backward, multiply
    >>> x, w = Node("x", 2.0), Node("w", 3.0)
    >>> order = backward(multiply("m", x, w))
    >>> figure = draw_graph(order)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['3', '2', 'x', '2', '3', 'w', '3', '2', '×', 'm = 6', '1']
    >>> figure = draw_graph(order, nudge=(x, 0.1))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['+0.3', 'x', '2', '+0.1', 'w', '3', '×', 'm = 6', '+0.3']
    >>> plt.close("all")
    """
    spots = places(order)
    moves = _moves(order, nudge)
    columns = max(x for x, _ in spots.values())
    rows = [y for _, y in spots.values()]
    width = 1.75 if columns > 3 else 2.3  # a small graph has room
    figure, axes = plt.subplots(
        figsize=(
            (0.445 if columns > 3 else 0.6) * (columns * width + 2),
            0.8 * (max(rows) - min(rows) + 1.3),
        )
    )
    axes.set_axis_off()
    at = {node: (x * width, -y * HEIGHT) for node, (x, y) in spots.items()}
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
    for node in order:
        for number, (source, slope) in enumerate(zip(node.inputs, node.slopes, strict=True)):
            bend = _bend(spots, node, number)
            (x0, y0), (x1, y1) = at[source], at[node]
            arrow = FancyArrowPatch(
                (x0, y0), (x1, y1), connectionstyle=f"arc3,rad={bend}", arrowstyle="->",
                mutation_scale=13, color=MUTED, lw=1.4, shrinkA=14, shrinkB=16, zorder=0,
            )  # fmt: skip
            axes.add_patch(arrow)
            if nudge is None:
                text, colour = f"{slope:.3g}", MUTED
            elif moves[source]:
                text, colour = f"{slope * moves[source]:+.3g}", THIRD
            else:
                continue
            # Over an arrow that lies flat, and on one that does not.
            flat = y0 == y1 and not bend
            t = 0.5 if bend or flat else 0.55
            x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
            x, y = x + bend * (y1 - y0) / 2, y - bend * (x1 - x0) / 2
            axes.text(
                x, y + 0.03 * flat, text, ha="center", va="bottom" if flat else "center",
                color=colour, fontsize=9.5, bbox=None if flat else paper,
            )  # fmt: skip
    for node in order:
        x, y = at[node]
        if node is order[-1]:
            axes.plot([x, x + 0.95], [y, y], color=MUTED, lw=1.4, zorder=0)
        given = not node.inputs
        inside = node.name if given else SIGNS.get(node.operation, node.operation)
        axes.text(
            x, y, inside, ha="center", va="center", color=INK,
            bbox={
                "boxstyle": "round,pad=0.35" if given else "circle,pad=0.34",
                "facecolor": PAPER if given else FORWARD_TINT,
                "edgecolor": MUTED if given else FORWARD,
                "linewidth": 1.8,
            },
        )  # fmt: skip
        value = f"{node.value:.4g}" if given else f"{node.name} = {node.value:.4g}"
        below, colour = f"{node.gradient:.4g}", BACKWARD
        if nudge is not None:
            below, colour = f"{moves[node]:+.3g}", THIRD
        # Beside an arrow that goes up there is no room above the circle.
        rises = any(at[user][1] > y for user in order if node in user.inputs)
        high, low = (y - 0.3, y - 0.62) if rises and not given else (y + 0.3, y - 0.32)
        va = "top" if rises and not given else "bottom"
        label: dict[str, Any] = {"ha": "center", "fontsize": 10.5}
        axes.text(x + 0.1, high, value, va=va, color=FORWARD, bbox=paper, **label)
        if nudge is None or moves[node]:
            axes.text(x + 0.1, low, below, va="top", color=colour, **label)
    axes.set_xlim(-0.55, columns * width + 1.05)
    axes.set_ylim(-max(rows) * HEIGHT - 0.75, -min(rows) * HEIGHT + 0.7)
    Description(figure, lambda _: _in_words(order, nudge))
    return figure


def _bend(spots: dict[Node, tuple[float, float]], node: Node, number: int) -> float:
    """How far the arrow of one input bends, so that two arrows of one source stay apart."""
    source = node.inputs[number]
    if node.inputs.count(source) > 1:
        return -0.5 if number == node.inputs.index(source) else 0.5
    (x0, y0), (x1, y1) = spots[source], spots[node]
    return -0.45 if x1 - x0 > 1 and y0 == y1 else 0


def _moves(order: list[Node], nudge: tuple[Node, float] | None) -> dict[Node, float]:
    """How far each node moves with a small nudge of one: along each path, and added up."""
    moves: dict[Node, float] = {}
    for node in order:
        paths = zip(node.inputs, node.slopes, strict=True)
        moves[node] = sum(slope * moves[source] for source, slope in paths)
        if nudge is not None and node is nudge[0]:
            moves[node] = nudge[1]
    return moves


def _in_words(order: list[Node], nudge: tuple[Node, float] | None) -> str:
    """Say each node of a graph with its value and its gradient, or how far it moves."""
    moves = _moves(order, nudge)
    sentences = []
    for node in order:
        origin = " and ".join(
            f"{source.name} (slope {slope:.3g})"
            for source, slope in zip(node.inputs, node.slopes, strict=True)
        )
        name = f"{node.name} from {origin}" if origin else node.name
        last = f"gradient {node.gradient:.4g}" if nudge is None else f"moves by {moves[node]:.3g}"
        sentences.append(f"{name}: value {node.value:.4g}, {last}.")
    return " ".join(sentences)
