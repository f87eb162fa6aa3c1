"""What an exercise is, and how an answer to it is judged."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

SHARED = ("builtins", "math", "random", "numpy")
"""Packages that an answer finds as they were before the one before it."""

_BESIDE = str(Path(__file__).parents[1])


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that people give, and what it must be told.

    Attributes
    ----------
    code : str
        The answer.
    message : str
        What the checks must say to it.
    line : int
        Where it stands in its chapter.
    """

    code: str
    message: str
    line: int


@dataclass(frozen=True)
class Exercise:
    """An exercise, as it is written in its chapter.

    Attributes
    ----------
    name : str
        What the exercise is called in links and in the reader's progress.
    starter : str
        The code that the reader begins with.
    checks : str
        Code that runs after the answer and raises an `AssertionError` that says what is wrong.
    solution : str
        An answer that passes.
    wrong_answers : tuple of WrongAnswer
        Answers that must fail, each for its own reason.
    line : int
        Where it stands in its chapter.
    """

    name: str
    starter: str
    checks: str
    solution: str
    wrong_answers: tuple[WrongAnswer, ...]
    line: int


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


def judge(answer: str, checks: str) -> str | None:
    """Run an answer, then the checks, and say what is wrong.

    Parameters
    ----------
    answer, checks : str
        Python code. The checks see every name that the answer defines.

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
    return None if error is None else message(error)


def faults(exercise: Exercise) -> Iterator[tuple[int, str]]:
    """Find what is wrong with an exercise itself.

    Parameters
    ----------
    exercise : Exercise
        The exercise.

    Yields
    ------
    tuple of int and str
        A line of the chapter, and what is wrong there.

    Examples
    --------
    >>> exercise = Exercise(
    ...     name="double", starter="def double(x): ...", solution="def double(x): return x + 1",
    ...     checks="assert double(4) == 8, 'Twice 4 is 8.'", wrong_answers=(), line=7)
    >>> for line, fault in faults(exercise):
    ...     print(line, fault)
    7 the solution of exercise 'double' fails its checks: Twice 4 is 8.
    7 exercise 'double' names no wrong answer: which do people give?
    """
    if judge(exercise.starter, exercise.checks) is None:
        yield exercise.line, f"the starter of exercise {exercise.name!r} passes its checks already"
    told = judge(exercise.solution, exercise.checks)
    if told is not None:
        yield exercise.line, f"the solution of exercise {exercise.name!r} fails its checks: {told}"
    if not exercise.wrong_answers:
        yield (
            exercise.line,
            f"exercise {exercise.name!r} names no wrong answer: which do people give?",
        )
    for wrong in exercise.wrong_answers:
        told = judge(wrong.code, exercise.checks)
        if told is None:
            yield wrong.line, f"this wrong answer to exercise {exercise.name!r} passes its checks"
        elif told != wrong.message:
            yield (
                wrong.line,
                f"this wrong answer to exercise {exercise.name!r} is told {told!r}, "
                f"not {wrong.message!r}",
            )
