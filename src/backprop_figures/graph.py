"""A computational graph: the values of the way forward, or slopes and gradients of the way back."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
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

SIGNS = {
    "*": "\N{MULTIPLICATION SIGN}",
    "-": "\N{MINUS SIGN}",
    "sigmoid": "\N{GREEK SMALL LETTER SIGMA}",
    "<lambda>": "f",
    "x²": "( )²",  # of what comes in, whose name need not be x
}


def places(order: list[Node]) -> dict[Node, tuple[float, float]]:
    """Where each node of a graph is drawn: inputs to the left of what they feed.

    Parameters
    ----------
    order : list of Node
        The nodes, each after its inputs. Inputs that are not in it have no place.

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
    inputs = {node: [source for source in node.inputs if source in order] for node in order}
    column: dict[Node, int] = {}
    for node in order:
        column[node] = 1 + max((column[source] for source in inputs[node]), default=-1)
    for node in order:  # a given number stands just before what it feeds first
        if not inputs[node] and len(order) > 1:
            column[node] = min(column[user] for user in order if node in inputs[user]) - 1
    row: dict[Node, float] = {}
    top = 0
    for node in order:
        if not inputs[node]:
            if column[node] == 0:
                row[node], top = float(top), top + 1
            continue
        # What was computed goes straight on; a number that joins it comes from below.
        sources = [source for source in inputs[node] if source in row]
        far = max(column[source] for source in sources)
        rows = [row[source] for source in sources if inputs[source] or column[source] == far]
        row[node] = sum(rows) / len(rows)
        for source in inputs[node]:
            column_rows = [row[other] for other in row if column[other] == column[source]]
            lower = [number + 1.5 for number in column_rows if number > row[node]]
            row.setdefault(source, max([row[node] + 1, *lower]))
    return {node: (float(column[node]), row[node]) for node in order}


def draw_graph(
    order: list[Node], backward: bool = False, nudge: tuple[Node, float] | None = None
) -> Figure:
    """Draw a computational graph: in each circle the operation, above it the value.

    Parameters
    ----------
    order : list of Node
        What `backward` of the package returned.
    backward : bool, default False
        Draw the way back instead: above each circle its name, on each arrow the local slope, and
        below each node the gradient.
    nudge : tuple of Node and float, optional
        A node, and how far it is moved. Then what this moves is drawn: on each arrow the slope
        times the move that comes along it, below each node how far it moves. A number that stays
        where it is stands in the circle of what it goes into.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from backprop.chain_rule import multiply
    >>> from backprop.chain_rule import backward as go_back
    >>> x, w = Node("x", 2.0), Node("w", 3.0)
    >>> order = go_back(multiply("m", x, w))
    >>> [text.get_text() for text in draw_graph(order).axes[0].texts]
    ['x = 2', 'w = 3', '×', 'm = 6']
    >>> [text.get_text() for text in draw_graph(order, backward=True).axes[0].texts]
    ['3', '2', 'x', '3', 'w', '2', '×', 'm', '1']
    >>> [text.get_text() for text in draw_graph(order, nudge=(x, 0.1)).axes[0].texts]
    ['3 · 0.1', 'x = 2', '+0.1', '× 3', 'm = 6', '+0.3']
    >>> plt.close("all")
    """
    moves = _moves(order, nudge)
    drawn = [node for node in order if nudge is None or moves[node]]
    bent = any(node.inputs.count(source) > 1 for node in drawn for source in node.inputs)
    # In inches, so that the text of all graphs has one size.
    across, down = (1.8 if bent else 1.35, 0) if nudge else (0.82, 0.84 if backward else 0.62)
    at = {node: (x * across, -y * down) for node, (x, y) in places(drawn).items()}
    xs, ys = zip(*at.values(), strict=True)
    left, right = min(xs) - 0.4, max(xs) + 0.42
    low = min(ys) - (0.6 if bent else 0.5 if backward or nudge else 0.3)
    high = max(ys) + (0.6 if bent else 0.5 if max(ys) == at[drawn[-1]][1] else 0.25)
    figure, axes = plt.subplots(figsize=(right - left, high - low))
    axes.set_axis_off()
    for node in drawn:
        for number, (source, slope) in enumerate(zip(node.inputs, node.slopes, strict=True)):
            if source in at:
                text, colour = (f"{slope:.3g}", MUTED) if backward else ("", MUTED)
                if nudge is not None:
                    text, colour = f"{slope:.3g} · {moves[source]:.3g}", THIRD
                bend = -0.5 if number == node.inputs.index(source) else 0.5
                bend = bend if node.inputs.count(source) > 1 else 0
                _draw_arrow(axes, at[source], at[node], bend, text, colour)
    for node in drawn:
        x, y = at[node]
        given = not node.inputs
        value = f"{node.name} = {node.value:.4g}"
        name = node.name if backward else value
        stays = [f" {source.value:.4g}" for source in node.inputs if source not in at]
        inside = SIGNS.get(node.operation, node.operation) + "".join(stays)
        axes.text(
            x, y, name if given else inside, ha="center", va="center",
            color=FORWARD if given and not backward else INK,
            bbox={
                "boxstyle": "round,pad=0.35" if given else "circle,pad=0.3",
                "facecolor": PAPER if given else FORWARD_TINT,
                "edgecolor": MUTED if given else FORWARD,
                "linewidth": 1.8,
            },
        )  # fmt: skip
        label: dict[str, Any] = {
            "ha": "center", "fontsize": 12 if backward else 11.5,
            "bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8},
        }  # fmt: skip
        # Beside an arrow that goes up there is no room above the circle; what stands below it keeps
        # clear of slanting arrows.
        users = [at[user][1] for user in drawn if node in user.inputs]
        rises, slants = any(up > y for up in users), any(up != y for up in users)
        joined = any(source in at and at[source][1] < y for source in node.inputs)
        under, aside = y - (0.3 if stays else 0.24), -0.12 if slants else 0.18 if joined else 0
        aside = 0 if given else aside
        if not given:
            if rises:
                axes.text(
                    x + aside / 2,
                    under,
                    name,
                    va="top",
                    color=INK if backward else FORWARD,
                    **label,
                )
                under -= 0.2
            else:
                above = 2 * y - under
                axes.text(x, above, name, va="bottom", color=INK if backward else FORWARD, **label)
        if nudge is not None:
            axes.text(x + aside, under, f"{moves[node]:+.3g}", va="top", color=THIRD, **label)
        elif backward:
            axes.text(x + aside, under, f"{node.gradient:.4g}", va="top", color=BACKWARD, **label)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    Description(figure, lambda _: _in_words(drawn, moves, backward, nudge is not None))
    return figure


def _draw_arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    bend: float,
    text: str,
    colour: str,
) -> None:
    """Draw an arrow from one node to another, with a text on it, or above it where it lies flat."""
    (x0, y0), (x1, y1) = start, end
    arrow = FancyArrowPatch(
        start, end, connectionstyle=f"arc3,rad={bend}", arrowstyle="->", mutation_scale=13,
        color=MUTED, lw=1.4, shrinkA=17, shrinkB=15, zorder=0,
    )  # fmt: skip
    axes.add_patch(arrow)
    if text:
        flat = y0 == y1 and not bend
        t = 0.5 if bend or flat else 0.56
        x = x0 + t * (x1 - x0) + bend * (y1 - y0) / 2
        y = y0 + t * (y1 - y0) - bend * (x1 - x0) / 2
        paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
        axes.text(
            x, y + 0.04 * flat, text, ha="center", va="bottom" if flat else "center",
            color=colour, fontsize=11 if colour == THIRD else 12, bbox=None if flat else paper,
        )  # fmt: skip


def _moves(order: list[Node], nudge: tuple[Node, float] | None) -> dict[Node, float]:
    """How far each node moves with a small nudge of one: along each path, and added up."""
    moves: dict[Node, float] = {}
    for node in order:
        paths = zip(node.inputs, node.slopes, strict=True)
        moves[node] = sum(slope * moves[source] for source, slope in paths)
        if nudge is not None and node is nudge[0]:
            moves[node] = nudge[1]
    return moves


def _in_words(nodes: list[Node], moves: dict[Node, float], backward: bool, nudged: bool) -> str:
    """Say each node that is drawn, with the numbers that are drawn at it."""
    sentences = []
    for node in nodes:
        slopes = backward or nudged
        origin = " and ".join(
            f"{source.name} (slope {slope:.3g})" if slopes else source.name
            for source, slope in zip(node.inputs, node.slopes, strict=True)
        )
        numbers = [] if backward else [f"value {node.value:.4g}"]
        numbers += [f"gradient {node.gradient:.4g}"] if backward else []
        numbers += [f"moves by {moves[node]:.3g}"] if nudged else []
        name = f"{node.name} from {origin}" if origin else node.name
        sentences.append(f"{name}: {', '.join(numbers)}.")
    return " ".join(sentences)
