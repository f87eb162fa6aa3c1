"""What the author and the reader are told: values, examples, guesses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from checked_math.terms import Shape


def number(value: Any) -> str:
    """Return a number or an array with few digits.

    >>> number(np.array(-0.81413)), number(np.array([1.0, 0.25]))
    ('-0.8141', '[1, 0.25]')
    """
    value = np.asarray(value)
    if value.ndim == 0:
        return f"{float(value):.4g}"
    return "[" + ", ".join(number(entry) for entry in value) + "]"


def at(example: dict[str, Any]) -> str:
    """Return the point of an example.

    >>> at({"p": np.array([0.3, 0.9]), "y": np.array(1.0)})
    'at  p = [0.3, 0.9], y = 1'
    """
    if not example:
        return "at  the numbers given"
    return "at  " + ", ".join(f"{name} = {number(value)}" for name, value in example.items())


def differ(names: tuple[str, str]) -> str:
    """Return the first line of a difference."""
    if names[0] == "the formula":
        return f"the formula and {names[1]} differ"
    return "the two sides differ"


def values(names: tuple[str, str], a: Any, b: Any, example: dict[str, Any]) -> tuple[str, ...]:
    """Return both values and the point where they differ."""
    said = [f"{name} gives  {number(value)}" for name, value in zip(names, (a, b), strict=True)]
    return (f"{said[0]}   {at(example)}", said[1])


def transposed(left: Shape, right: Shape) -> str:
    """Return the guess that a transpose is missing.

    >>> from checked_math.terms import Size
    >>> transposed((Size("n", 3), Size("d", 4)), (Size("d", 4), Size("n", 3)))
    ': is a transpose missing?'
    """
    return ": is a transpose missing?" if len(left) == 2 and left == right[::-1] else ""


def named(shape: tuple[int, ...], counts: dict[str, int]) -> str:
    """Return the shape of an array with the names of the sizes it shows.

    >>> named((3, 1), {"n": 3})
    '(n, 1)'
    """
    names = {count: name for name, count in counts.items()}
    return (
        "(" + ", ".join(names.get(count, str(count)) for count in shape) + ")"
        if shape
        else "a number"
    )


def ratio_name(value: float, tolerance: float = 1e-7) -> str | None:
    """Return a number as a short fraction, None where it is none.

    >>> ratio_name(-0.5), ratio_name(0.3183)
    ('-1/2', None)
    """
    fraction = Fraction(value).limit_denominator(12)
    if fraction == 0 or abs(float(fraction) - value) > tolerance * abs(value):
        return None
    return str(fraction)


def _candidates(counts: dict[str, int]) -> Iterator[tuple[str, float]]:
    for sign, mark in ((1, ""), (-1, "-")):
        for name, count in counts.items():
            yield f"{mark}{name}", sign * count
            yield f"{mark}1/{name}", sign / count
            for factor in (2, 3, 4):
                yield f"{mark}{factor}{name}", sign * factor * count
                yield f"{mark}{factor}/{name}", sign * factor / count
                yield f"{mark}{name}/{factor}", sign * count / factor
                yield f"{mark}1/({factor}{name})", sign / (factor * count)


GUESSES = {
    "-1": "is a sign missing?",
    "2": "is a factor 2 too many?",
    "1/2": "is a factor 2 missing?",
}


def factors(
    a: Any, b: Any, kept: Any, counts: dict[str, int], tolerance: float = 1e-7
) -> frozenset[str]:
    """Return the names of the constant factor b/a, where there is one.

    >>> sorted(factors(np.array([1.0, 2.0]), np.array([3.0, 6.0]), slice(None), {"n": 3}))
    ['3', 'n']
    """
    a, b = (np.asarray(x)[..., kept].ravel() for x in np.broadcast_arrays(a, b))
    large = np.abs(a) > 1e-9 * max(1.0, float(np.max(np.abs(a), initial=0.0)))
    if not large.any() or np.any(np.abs(b[~large]) > 1e-9):
        return frozenset()
    ratios = b[large] / a[large]
    ratio = float(ratios[0])
    if not np.allclose(ratios, ratio, rtol=tolerance, atol=0) or abs(ratio) < 1e-9:
        return frozenset()
    found = {
        name for name, value in _candidates(counts) if np.isclose(value, ratio, rtol=tolerance)
    }
    plain = ratio_name(ratio, tolerance)
    return frozenset(found | {plain} if plain else found)


def guess(a: Any, b: Any, kept: Any, found: frozenset[str]) -> tuple[str, ...]:
    """Return what explains a difference: one of the factors found, a constant, a transpose."""
    names = sorted(found, key=lambda name: (len(name), name))
    if names:
        hint = GUESSES.get(names[0], f"is a factor {names[0]} wrong?")
        return (f"they differ by the factor {' or '.join(names[:3])}: {hint}",)
    gap = (np.asarray(b) - np.asarray(a))[..., kept].ravel()
    if np.allclose(gap, gap[0], rtol=1e-7, atol=1e-12) and abs(gap[0]) > 1e-9:
        return (f"they differ by the constant {number(gap[0])}",)
    if np.ndim(a) == 3 and a.shape[0] == a.shape[1] and np.allclose(np.swapaxes(a, 0, 1), b):
        return ("one is the transpose of the other",)
    return ()
