"""The bars, and the table."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Bar(NamedTuple):
    """What a measure of every page must reach."""

    title: str
    least: float | None = None
    most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a value reaches the bar.

        Examples
        --------
        >>> Bar("kB", most=250).holds(251)
        False
        """
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


BARS = {
    "performance": Bar("mobile", least=95),
    "accessibility": Bar("access.", least=100),
    "best-practices": Bar("practices", least=100),
    "seo": Bar("SEO", least=100),
    "desktop": Bar("desktop", least=100),
    "bytes": Bar("kB", most=250),
    "hosts": Bar("hosts", most=0),
    "errors": Bar("errors", most=0),
    "shift": Bar("shift", most=0.01),
    "axe": Bar("axe", most=0),
    "mathematics": Bar("raw math", most=0),
    "script-free": Bar("no JS", most=0),
    "cut": Bar("cut off", most=0),
    "print": Bar("print", most=0),
    "policy": Bar("policy", most=0),
    "metadata": Bar("meta", most=0),
    "file": Bar("file:", most=0),
}
"""The measures, in the order of the table. Where nothing else is said, faults are counted."""


def table(measured: Mapping[str, Mapping[str, float]]) -> str:
    """Lay out the measures, one page a line; what misses its bar has a mark.

    Parameters
    ----------
    measured : mapping
        For each page, its measures.

    Returns
    -------
    str

    Examples
    --------
    >>> print(table({"index": {"bytes": 93.4, "axe": 2}}))
    page   kB     axe
           ≤ 250  ≤ 0
    index  93.4   2 ✗
    """
    names = [name for name in BARS if any(name in values for values in measured.values())]
    lines = [
        ["page", *(BARS[name].title for name in names)],
        ["", *(str(BARS[name]) for name in names)],
    ]
    for page, values in measured.items():
        cells = [page]
        for name in names:
            value = values.get(name)
            cells.append(
                "" if value is None else f"{value:g}{'' if BARS[name].holds(value) else ' ✗'}"
            )
        lines.append(cells)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def misses(measured: Mapping[str, Mapping[str, float]]) -> Iterable[tuple[str, str]]:
    """Pages and measures that miss their bars.

    Examples
    --------
    >>> list(misses({"index": {"bytes": 93.4, "axe": 2}}))
    [('index', 'axe')]
    """
    for page, values in measured.items():
        for name, value in values.items():
            if not BARS[name].holds(value):
                yield page, name
