"""Expressions of Python beside a formula: the code it is tied to, and witnesses from outside."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from checked_math.faults import Fault
from checked_math.names import python_name
from checked_math.scope import Beyond
from checked_math.values import Bench


@dataclass(frozen=True)
class Packages:
    """Where names in ties are looked up.

    Attributes
    ----------
    code : tuple of str
        Packages whose modules are names in ties: `cost.mse` for `backprop.cost.mse`.
    witness : tuple of str
        Packages that witnesses may name.
    """

    code: tuple[str, ...] = ()
    witness: tuple[str, ...] = ("numpy", "scipy", "sklearn")

    def module(self, name: str) -> ModuleType | None:
        """Return the module that a name in a tie means, None where it means none."""
        for package in (*self.code, *self.witness):
            if name == package:
                return _import(package)
        for package in self.code:
            if (module := _import(f"{package}.{name}")) is not None:
                return module
        return None

    def full_name(self, path: str) -> str:
        """Return the importable name of ``cost.mse``: ``backprop.cost.mse``."""
        module = self.module(path.partition(".")[0])
        if module is None:
            return path
        return ".".join([module.__name__, *path.split(".")[1:]])


@lru_cache(maxsize=256)
def _import(name: str) -> ModuleType | None:
    try:
        if importlib.util.find_spec(name) is None:
            return None
    except ModuleNotFoundError:
        return None
    return importlib.import_module(name)


def called(expression: str) -> list[str]:
    """Return the dotted names that an expression calls.

    >>> called("cost.mse(p, activation.sigmoid(z))")
    ['cost.mse', 'activation.sigmoid']
    """
    return re.findall(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", expression)


class _Names(Mapping[str, Any]):
    """The names of a tie: symbols first, then modules. `number` is the draw they are wanted at."""

    def __init__(self, bench: Bench, packages: Packages, letters: dict[str, int]) -> None:
        self.bench, self.packages = bench, packages
        self.number = 0
        self.known: dict[str, Any] = dict(letters)

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = self._found(name)
        found = self.known[name]
        if isinstance(found, _Draws):
            return found.at(self.number)
        if isinstance(found, list):
            return [member.at(self.number) for member in found]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def _found(self, name: str) -> Any:
        stored = symbol_named(self.bench, name)
        if isinstance(stored, list):
            return [self._draws(member) for member in stored]
        if stored is not None:
            if self.bench.scope.entry(stored)[0].is_size:
                return self.bench.count(stored)
            return self._draws(stored)
        if name in ("np", "numpy"):
            return np
        module = self.packages.module(name)
        if module is None:
            raise KeyError(name)
        return module

    def _draws(self, stored: str) -> _Draws:
        domain = self.bench.scope.entry(stored)[0].domain
        whole = domain is not None and domain.kind in ("natural", "integer")
        return _Draws(self.bench.evaluate(self.bench.scope.reference(stored)), whole)


@dataclass(frozen=True)
class _Draws:
    """The values of a symbol at all draws."""

    values: Any
    whole: bool

    def at(self, number: int) -> Any:
        value = self.values[..., number]
        if value.ndim:
            return np.array(value)
        return int(value) if self.whole else float(value)


def symbol_named(bench: Bench, name: str) -> str | list[str] | None:
    """Return the stored name (or the members of the family) that a Python name means."""
    table = bench.scope.table
    for stored, entry in table.entries.items():
        if stored.endswith(("^()", "_()")):
            stem = stored[:-3]
            if python_name(stem) == name:
                first, last = bench.scope.limits(entry)
                members = range(first, last + 1)
                return [m for k in members if (m := _member(bench, stored, k)) is not None]
            number = re.fullmatch(re.escape(python_name(stem)) + r"_?(\d+)", name)
            if number and (member := _member(bench, stored, int(number[1]))) is not None:
                return member
        elif not entry.is_function:
            spelled = python_name(stored.replace("'", "_prime").replace("^(", "").replace(")", ""))
            if name in (spelled, spelled.replace("_", "")):
                return stored
    return None


def _member(bench: Bench, family: str, number: int) -> str | None:
    stem = family[:-3]
    name = f"{stem}^({number})" if family.endswith("^()") else f"{stem}_{number}"
    if name in bench.scope.table.entries:
        return name
    try:
        bench.scope.enter(name, bench.scope.table.entries[family], number)
    except Beyond:
        return None
    return name


_ALLOWED = {
    name: getattr(builtins, name)
    for name in [
        "abs",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "range",
        "sum",
        "tuple",
        "zip",
        "enumerate",
        "round",
    ]
}


def run(
    expression: str, bench: Bench, packages: Packages, letters: dict[str, int] | None = None
) -> np.ndarray[Any, Any]:
    """Return the value of a tie at every draw, the draws along the last axis.

    Raises
    ------
    Fault
        Of the kind ``code``, with what the code raised.
    """
    try:
        compiled = compile(expression, "<tie>", "eval")
    except SyntaxError as error:
        raise Fault("code", f"{expression} is not an expression of Python: {error.msg}") from None
    values = []
    names = _Names(bench, packages, letters or {})
    for number in range(bench.draws):
        names.number = number
        try:
            with np.errstate(all="ignore"):
                value = eval(compiled, {"__builtins__": _ALLOWED}, names)  # the author's own code
            values.append(np.asarray(value, dtype=float))
        except Fault:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise Fault("code", f"{expression} raises {said}") from None
    if len({value.shape for value in values}) > 1:
        raise Fault("code", f"{expression} changes its shape from draw to draw")
    return np.stack(values, axis=-1)


def function(expression: str, packages: Packages) -> Any:
    """Return the function of code that a declaration is tied to, as ``activation.sigmoid``."""
    first, *rest = expression.strip().split(".")
    found: Any = packages.module(first)
    for name in rest:
        found = getattr(found, name, None)
    if found is None:
        raise Fault("code", f"{expression} was not found")
    return found
