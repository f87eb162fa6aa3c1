"""Runs what a reader wrote: the cells of a chapter, an answer, or an answer with its checks.

This module runs in the reader's browser, in a worker that the page can stop; nothing in it needs
one. Whatever is to be shown goes to a `Screen` while the code runs. How it ended comes back as
JSON, which the script of the worker hands on as it is.
"""

import ast
import contextlib
import importlib.util
import io
import json
import linecache
import re
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from live_exercises.exercise import as_it_was, attempt, message, unasked
from live_exercises.undrawn import Needed, undrawn, watched

MOST_CHARACTERS = 100_000
"""So much output is shown. A loop that prints for ever must not fill the reader's memory."""

PAUSE = 0.1
"""Seconds between two pieces of output, so that a loop that prints does not flood the page."""


class Screen(Protocol):
    """Where output is shown."""

    def text(self, text: str) -> None:
        """Show more text."""

    def figure(self, png: bytes, width: int) -> None:
        """Show a figure, so many CSS pixels wide."""


class _Nowhere:
    """Shows nothing."""

    def text(self, text: str) -> None:
        pass

    def figure(self, png: bytes, width: int) -> None:
        pass


class Printer(io.TextIOBase):
    """What code prints to, in place of the terminal.

    Parameters
    ----------
    screen : Screen
        Where the text is shown.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.left = MOST_CHARACTERS
        self.waiting: list[str] = []
        self.shown_at = 0.0

    def write(self, text: str) -> int:
        """Take text, and show it now or a little later."""
        if self.left > 0:
            self.waiting.append(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.waiting.append(f"\n... only the first {MOST_CHARACTERS} characters are shown")
            if time.monotonic() - self.shown_at >= PAUSE:
                self.show()
        return len(text)

    def show(self) -> None:
        """Show everything that waits."""
        if self.waiting:
            self.screen.text("".join(self.waiting))
            self.waiting.clear()
        self.shown_at = time.monotonic()


def _remember_source(name: str, source: str) -> None:
    """Let tracebacks quote lines of code that is in no file."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


def explain(error: BaseException, names: Sequence[str]) -> tuple[str, int | None]:
    r"""Say what went wrong, and in which line of the reader's code.

    Parameters
    ----------
    error : BaseException
        What the code raised.
    names : sequence of str
        The names under which the reader's code was compiled. Every other line of a traceback is
        left out: it would be about code that the reader did not write.

    Returns
    -------
    tuple of str and int or None
        A short traceback, and the number of the line that raised the error or led to it.

    Examples
    --------
    >>> try:
    ...     exec(compile("x = 1\ny = x / 0", "answer", "exec"))
    ... except ZeroDivisionError as error:
    ...     print(*explain(error, ["answer"]), sep="; line ")
    line 2
    ZeroDivisionError: division by zero; line 2
    """
    story = traceback.TracebackException.from_exception(error)
    lines = []
    number = None
    if isinstance(error, SyntaxError) and error.filename in names:
        number = error.lineno
        lines.append(f"line {number}")
        if error.text:
            code = error.text.rstrip("\n")
            lines.append(f"    {code}")
            if error.offset:
                lines.append("    " + " " * (error.offset - 1) + "^")
        lines.append(f"{type(error).__name__}: {error.msg}")
        return "\n".join(lines), number
    frames = [frame for frame in story.stack if frame.filename in names]
    for position, frame in enumerate(frames):
        number = frame.lineno
        if 3 <= position < len(frames) - 3:  # a function that called itself too often
            if position == 3:
                lines.append("...")
            continue
        inside = "" if frame.name == "<module>" else f", in {frame.name}"
        lines.append(f"line {number}{inside}")
        if frame.line:
            lines.append(f"    {frame.line}")
    lines.append("".join(story.format_exception_only()).rstrip())
    return "\n".join(lines), number


def _run(name: str, source: str, names: dict[str, Any]) -> None:
    """Run code; print the value of its last line if that is an expression, as a notebook does."""
    _remember_source(name, source)
    tree = ast.parse(source, name)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not source.rstrip().endswith(";"):
        tree.body.pop()
        exec(compile(tree, name, "exec"), names)
        value = eval(compile(ast.Expression(last.value), name, "eval"), names)
        if value is not None:
            print(repr(value))
    else:
        exec(compile(tree, name, "exec"), names)


def _pyplot() -> ModuleType | None:
    """Give Matplotlib, if it is there, and not a stand-in for it."""
    found = sys.modules.get("matplotlib.pyplot")
    return found if hasattr(found, "__file__") else None


def _show_figures(screen: Screen) -> None:
    """Show the figures that the code made, if it made any."""
    plt = _pyplot()
    for number in plt.get_fignums() if plt else ():
        png = io.BytesIO()
        figure = plt.figure(number)  # type: ignore[union-attr]
        # Twice as many pixels as the page has, for screens that can show them.
        figure.savefig(png, format="png", dpi=192, bbox_inches="tight", facecolor="white")
        screen.figure(png.getvalue(), round(figure.get_figwidth() * 96))
    _close_figures()


def _close_figures() -> None:
    if plt := _pyplot():
        plt.close("all")


def _result(error: BaseException | None, names: Sequence[str], **more: Any) -> str:
    explained, line = explain(error, names) if error else (None, None)
    return json.dumps({"error": explained, "line": line, **more})


def _while_printing(screen: Screen, run: Callable[[], Any]) -> Any:
    printer = Printer(screen)
    try:
        with contextlib.redirect_stdout(printer), contextlib.redirect_stderr(printer):
            return run()
    finally:
        printer.show()


class Chapter:
    """The cells of a chapter, and the names that they have defined so far.

    A cell is run after the cells above it, always, so that what a page shows can be had again.
    Cells that have run already, and are as they were, are not run twice.
    """

    def __init__(self) -> None:
        self._start_anew()

    def _start_anew(self) -> None:
        self.done: list[str] = []
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.drawn = False

    def run(self, sources: Sequence[str], screen: Screen, draws: bool = True) -> str | None:
        """Run the last of some cells, after the others as far as they are needed.

        Parameters
        ----------
        sources : sequence of str
            The code of the cells, from the top of the chapter.
        screen : Screen
            Where the output of the last one is shown.
        draws : bool
            Whether Matplotlib is there. Without it, what the cells above draw is left out.

        Returns
        -------
        str or None
            JSON: ``error`` (a short traceback, or null), ``line``, and ``cell``, the number of the
            cell that raised it, from 0. None where it turns out that Matplotlib is needed.
        """
        if draws and not self.drawn:  # what has been left out so far may be needed now
            self._start_anew()
            self.drawn = True
        with as_it_was(anew=False):  # a later cell must know the classes of an earlier one
            if draws:
                return self._run_cells(list(sources), screen, nullcontext())
            try:
                with undrawn():
                    return self._run_cells(list(sources), screen, watched())
            except Needed:
                self._start_anew()
                return None

    def _run_cells(
        self, sources: list[str], screen: Screen, last: AbstractContextManager[None]
    ) -> str:
        if self.done != sources[:-1][: len(self.done)]:
            self._start_anew()
        for number in range(len(self.done), len(sources)):
            name = f"cell {number + 1}"
            source = sources[number]
            try:
                if number == len(sources) - 1:
                    with last:
                        _while_printing(screen, partial(_run, name, source, self.names))
                    _show_figures(screen)
                else:
                    _while_printing(_Nowhere(), partial(_run, name, source, self.names))
                    _close_figures()
            except Needed:
                raise
            except BaseException as error:
                self._start_anew()
                return _result(error, [name], cell=number)
            self.done.append(source)
        return _result(None, [], cell=len(sources) - 1)


def mend_font_list(package: Path) -> None:
    """Have Matplotlib use the list of fonts that it is shipped with.

    Pyodide ships Matplotlib 3.8 with the list ready, which saves a second at its first import. But
    that list was written by a newer Matplotlib and says so, so the older one makes it anew.

    Parameters
    ----------
    package : Path
        The directory of Matplotlib, not imported yet.
    """
    fonts = package / "fontlist.json"
    expected = re.search(
        r"\n    __version__ = (\d+)", (package / "font_manager.py").read_text("utf-8")
    )
    if expected and fonts.exists():
        text = re.sub(r'"_version": \d+', f'"_version": {expected[1]}', fonts.read_text("utf-8"))
        fonts.write_text(text, "utf-8")


def prepare_matplotlib() -> None:
    """Import Matplotlib before the reader's code does, so that its start prints nothing there."""
    origin = importlib.util.find_spec("matplotlib")
    if origin and origin.origin:
        mend_font_list(Path(origin.origin).parent)
    plt = importlib.import_module("matplotlib.pyplot")
    # Figures are shown when the code has ended; there is no window for them before that.
    plt.show = lambda *args, **options: None  # type: ignore[attr-defined]


def run(answer: str, screen: Screen) -> str:
    """Run an answer on its own.

    Parameters
    ----------
    answer : str
        The code.
    screen : Screen
        Where its output is shown.

    Returns
    -------
    str
        JSON: ``error`` and ``line``.
    """
    try:
        with as_it_was():
            _while_printing(screen, partial(_run, "answer", answer, {"__name__": "__main__"}))
            _show_figures(screen)
    except BaseException as error:
        return _result(error, ["answer"])
    return _result(None, [])


def check(
    answer: str, checks: str, screen: Screen, starter: str = "", planted: Sequence[int] = ()
) -> str:
    """Run an answer and its checks.

    Parameters
    ----------
    answer, checks : str
        The code.
    starter, planted
        As for `live_exercises.exercise.judge`.
    screen : Screen
        Where what they print is shown.

    Returns
    -------
    str
        JSON: ``told``, what is wrong, or null where every check passed; and where the answer itself
        raised an error, ``error`` and ``line``.
    """
    _remember_source("answer", answer)
    _remember_source("checks", checks)
    error: BaseException | None
    try:
        error = _while_printing(screen, partial(attempt, answer, checks))
    except BaseException as stopped:  # such as exit()
        error = stopped
    _close_figures()
    if error is None:
        return _result(None, [], told=unasked(answer, starter, planted))
    failed_check = isinstance(error, AssertionError)
    return _result(None if failed_check else error, ["answer"], told=message(error))
