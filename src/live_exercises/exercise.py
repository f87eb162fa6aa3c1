"""What an exercise is, and how an answer that is code is judged.

This module runs in the build, and in the reader's browser: both judge alike.
"""

import contextlib
import difflib
import importlib
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

SHARED = ("builtins", "math", "random", "numpy")
"""Packages that an answer finds as they were before the one before it."""

_BESIDE = str(Path(__file__).parents[1])


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that people give, and what it must be told.

    Attributes
    ----------
    answer : str
        The answer.
    message : str
        What the reader must be told.
    line : int
        Where it stands in its chapter.
    """

    answer: str
    message: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all kinds of exercises have.

    Attributes
    ----------
    name : str
        What the exercise is called in links and in the reader's progress.
    line : int
        Where it stands in its chapter.
    skill : str
        What it trains, in a few words.
    """

    kind: ClassVar[str] = ""
    name: str
    line: int
    skill: str = ""

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know to judge an answer."""
        raise NotImplementedError

    def code(self) -> Iterator[str]:
        """Give the code that it shows."""
        yield from ()

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself: a line of the chapter, and what."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class CodeExercise(Exercise):
    """An exercise whose answer is code.

    Attributes
    ----------
    starter : str
        The code that the reader begins with.
    checks : str
        Code that runs after the answer and raises an `AssertionError` that says what is wrong.
    solution : str
        An answer that passes.
    wrong_answers : tuple of WrongAnswer
        Answers that must fail, each for its own reason.
    """

    kind = "code"
    starter: str
    checks: str
    solution: str
    wrong_answers: tuple[WrongAnswer, ...]

    def data(self) -> dict[str, Any]:
        """Give what the page does not show. Its code the script reads off the page.

        Examples
        --------
        >>> exercise = CodeExercise(
        ...     name="double", line=7, starter="def ...", checks="assert ...",
        ...     solution="def double ...", wrong_answers=())
        >>> sorted(exercise.data())
        ['kind', 'planted']
        """
        return {"kind": self.kind, "planted": self.planted}

    @property
    def planted(self) -> list[int]:
        """The lines of the starter that hold the planted error, where there is one to find."""
        return []

    def code(self) -> Iterator[str]:
        """Give the code that it shows."""
        yield from (self.starter, self.solution)

    def judge(self, answer: str) -> str | None:
        """Say what is wrong with an answer, or None if nothing is."""
        return judge(answer, self.checks, self.starter, self.planted)

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself.

        Examples
        --------
        >>> exercise = CodeExercise(
        ...     name="double", starter="def double(x): ...", solution="def double(x): return x + 1",
        ...     checks="assert double(4) == 8, 'Twice 4 is 8.'", wrong_answers=(), line=7)
        >>> for line, fault in exercise.faults():
        ...     print(line, fault)
        7 the solution of exercise 'double' fails its checks: Twice 4 is 8.
        7 exercise 'double' names no wrong answer: which do people give?
        """
        with contextlib.redirect_stdout(io.StringIO()):
            found = list(self._tried())
        yield from found

    def _tried(self) -> Iterator[tuple[int, str]]:
        if judge(self.starter, self.checks) is None:
            yield self.line, f"the starter of exercise {self.name!r} passes its checks already"
        told = self.judge(self.solution)
        if told is not None:
            yield self.line, f"the solution of exercise {self.name!r} fails its checks: {told}"
        yield from untold(self, self.wrong_answers)
        for wrong in self.wrong_answers:
            yield from mistold(self.name, wrong, self.judge(wrong.answer))


def untold(exercise: Exercise, wrong_answers: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Report an exercise that expects no wrong answer."""
    if not wrong_answers:
        yield (
            exercise.line,
            f"exercise {exercise.name!r} names no wrong answer: which do people give?",
        )


def mistold(name: str, wrong: WrongAnswer, told: str | None) -> Iterator[tuple[int, str]]:
    """Report a wrong answer that passes, or is told something else than its message."""
    if told is None:
        yield wrong.line, f"this wrong answer to exercise {name!r} passes its checks"
    elif told != wrong.message:
        yield (
            wrong.line,
            f"this wrong answer to exercise {name!r} is told {told!r}, not {wrong.message!r}",
        )


@dataclass(frozen=True, kw_only=True)
class FindTheBug(CodeExercise):
    r"""An exercise whose starter has one error, to be found and mended.

    Examples
    --------
    >>> exercise = FindTheBug(
    ...     name="twice", line=7, starter="def f(x):\n    return x * x\n",
    ...     checks="assert f(3) == 6, 'Twice 3 is 6.'",
    ...     solution="def f(x):\n    return 2 * x\n", wrong_answers=())
    >>> exercise.planted
    [2]
    >>> exercise.judge("def f(x, y=1):\n    return 2 * x\n")
    'It works now. But line 1 was right as it stood: put it back.'
    """

    kind = "bug"

    @property
    def planted(self) -> list[int]:
        """The lines of the starter that hold the planted error."""
        return changed_lines(self.starter, self.solution)

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself."""
        yield from super().faults()
        if len(self.planted) != 1:
            yield (
                self.line,
                f"the starter and the solution of exercise {self.name!r} differ in "
                f"{len(self.planted)} lines: plant the error in one line",
            )


def changed_lines(before: str, after: str) -> list[int]:
    r"""Give the numbers of the lines that another text changes or leaves out.

    Examples
    --------
    >>> changed_lines("a\nb\nc\n", "a\nB\nc\n")
    [2]
    """
    matcher = difflib.SequenceMatcher(a=before.split("\n"), b=after.split("\n"), autojunk=False)
    return [
        line + 1
        for kind, start, end, _, _ in matcher.get_opcodes()
        if kind != "equal"
        for line in range(start, max(end, start + 1))
    ]


@contextlib.contextmanager
def as_it_was(*, anew: bool = True) -> Iterator[None]:
    """Undo what code does to modules, such as another `np.mean`, when it has run.

    Parameters
    ----------
    anew : bool
        Whether code that follows imports anew what this has imported from beside this package, as
        it does the taught modules.

    Examples
    --------
    >>> import math
    >>> with as_it_was():
    ...     math.pi = 3
    >>> math.pi
    3.141592653589793
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("numpy")
    before = {module: dict(vars(module)) for module in _changeable().values()}
    try:
        yield
    finally:
        for name, module in _changeable().items():
            if module in before:
                now, was = vars(module), before[module]
                now.update({key: value for key, value in was.items() if now.get(key) is not value})
            elif anew:
                sys.modules.pop(name)


def _changeable() -> dict[str, ModuleType]:
    return {
        name: module
        for name, module in [*sys.modules.items()]
        if name.partition(".")[0] in SHARED or _BESIDE in str(getattr(module, "__file__", ""))
    }


def attempt(answer: str, checks: str) -> Exception | None:
    """Run an answer, then the checks.

    Parameters
    ----------
    answer, checks : str
        Python code. The checks see every name that the answer defines.

    Returns
    -------
    Exception or None
        The first error that the code raised, be it a check that failed or anything else; None
        where every check passed.

    Examples
    --------
    >>> attempt("def double(x): return x * x", "assert double(4) == 8, 'Twice 4 is 8.'")
    AssertionError('Twice 4 is 8.')
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    with as_it_was():
        try:
            exec(compile(answer, "answer", "exec"), names)
            exec(compile(checks, "checks", "exec"), names)
        except Exception as error:
            return error
    return None


def message(error: BaseException) -> str:
    """Say what an error tells the one who wrote the answer.

    Parameters
    ----------
    error : BaseException
        What the answer or a check raised.

    Returns
    -------
    str
        The message of a check that failed; otherwise the kind of error and its own message.

    Examples
    --------
    >>> message(AssertionError("Twice 4 is 8."))
    'Twice 4 is 8.'
    >>> message(ValueError("too small"))
    'ValueError: too small'
    """
    if isinstance(error, AssertionError):
        return str(error) or "A check failed and did not say why."
    return f"{type(error).__name__}: {error}"


def judge(answer: str, checks: str, starter: str = "", planted: Sequence[int] = ()) -> str | None:
    """Run an answer, then the checks, and say what is wrong.

    Parameters
    ----------
    answer, checks : str
        Python code. The checks see every name that the answer defines.
    starter : str
        What the reader began with.
    planted : sequence of int
        The lines of the starter that are wrong, where the task is to find them: then no other line
        should be changed.

    Returns
    -------
    str or None
        The message of the first check that failed, or the error that the code raised; None where
        every check passed.

    Examples
    --------
    >>> checks = "assert double(4) == 8, 'Twice 4 is 8.'"
    >>> judge("def double(x): return x + x", checks)
    >>> judge("def double(x): return x * x", checks)
    'Twice 4 is 8.'
    >>> judge("double = lambda x: y", checks)
    "NameError: name 'y' is not defined"
    """
    error = attempt(answer, checks)
    return unasked(answer, starter, planted) if error is None else message(error)


def unasked(answer: str, starter: str, planted: Sequence[int]) -> str | None:
    """Name a line that an answer changes although it was right."""
    if planted:
        for line in changed_lines(starter.rstrip("\n"), answer.rstrip("\n")):
            if line not in planted:
                return f"It works now. But line {line} was right as it stood: put it back."
    return None
