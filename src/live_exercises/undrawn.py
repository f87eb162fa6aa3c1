"""Figures that nobody will see: cells that draw run without Matplotlib.

A reader who runs a cell that only prints needs what the cells above it compute, and not the figures
that they draw. To load Matplotlib for these takes longer than everything else. So while the cells
above run, what they import for drawing is a stand-in: it can be called, and its parts can be taken,
and nothing comes of it. Where code asks it for a value (a number, a text, a length, whether it is
true), or where the cell that the reader wants to see touches it at all, `Needed` is raised: then
Matplotlib has to be loaded, and the cells run again.
"""

import importlib.abc
import importlib.machinery
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn

DRAWING = ("matplotlib", "mpl_toolkits", "pylab", "backprop_figures")
"""Packages that draw."""


class Needed(BaseException):
    """Code cannot do without what draws. No ``except Exception`` of a cell's catches it."""


class Watched:
    """Whether stand-ins may be touched."""

    closely = False


class Undrawn:
    """Stands for a figure, a part of one, or what makes one."""

    def __getattr__(self, name: str) -> "Undrawn":
        _touch()
        if name.startswith("__"):
            raise AttributeError(name)
        return Undrawn()

    def __call__(self, *args: Any, **options: Any) -> "Undrawn":
        """Give what the call would give: another one."""
        _touch()
        return Undrawn()

    def __setattr__(self, name: str, value: Any) -> None:
        _touch()

    def __getitem__(self, key: Any) -> "Undrawn":
        _touch()
        return Undrawn()

    def __setitem__(self, key: Any, value: Any) -> None:
        _touch()

    def __enter__(self) -> "Undrawn":
        _touch()
        return self

    def __exit__(self, *error: Any) -> None:
        pass


class _Subplots(Undrawn):
    """Stands for ``plt.subplots``, of which cells take the results apart."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Give a figure and its axes; for several axes, the real ones are needed."""
        _touch()
        if args or {"nrows", "ncols"} & options.keys():
            raise Needed
        return Undrawn(), Undrawn()


def _touch() -> None:
    if Watched.closely:
        raise Needed


def _ask(self: Undrawn, *others: Any) -> NoReturn:
    raise Needed


ASKING = """
    bool str repr format len iter contains float int index complex array array_ufunc hash eq ne lt
    le gt ge add radd sub rsub mul rmul truediv rtruediv pow rpow matmul rmatmul neg abs round
"""
for _name in re.findall(r"\w+", ASKING):
    setattr(Undrawn, f"__{_name}__", _ask)


class _Module(ModuleType):
    """A module of a package that draws; what is imported from it stands for nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _touch()
        return _Subplots() if name == "subplots" else Undrawn()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for each module of the packages that draw."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in DRAWING:
            return None
        _touch()
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def _of_drawing() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] in DRAWING]


@contextmanager
def undrawn() -> Iterator[None]:
    """Have what draws replaced by stand-ins while the code in this block runs.

    Examples
    --------
    >>> with undrawn():
    ...     import matplotlib.pyplot as plt
    ...     figure, axes = plt.subplots()
    ...     drawn = axes.plot([1, 2])
    >>> float(drawn)
    Traceback (most recent call last):
    live_exercises.undrawn.Needed
    """
    kept = {name: sys.modules.pop(name) for name in _of_drawing()}
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in _of_drawing():
            del sys.modules[name]
        sys.modules.update(kept)


@contextmanager
def watched() -> Iterator[None]:
    """Raise `Needed` as soon as code in this block touches a stand-in."""
    Watched.closely = True
    try:
        yield
    finally:
        Watched.closely = False
