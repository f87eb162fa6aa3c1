import contextlib
import dataclasses

import pytest

from live_exercises.exercise import CodeExercise, WrongAnswer, judge

CHECKS = "assert double(4) == 8, 'Twice 4 is 8.'\n"
GOOD = CodeExercise(
    name="double",
    starter="def double(x):\n    # TODO\n    return None\n",
    checks=CHECKS,
    solution="def double(x):\n    return 2 * x\n",
    wrong_answers=(WrongAnswer("def double(x): return x * x", "Twice 4 is 8.", 20),),
    line=10,
)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("def double(x): return x + x", None),
        ("def double(x): return x", "Twice 4 is 8."),
        ("def double(x): return y", "NameError: name 'y' is not defined"),
        ("def double(x) return x", "SyntaxError: expected ':' (answer, line 1)"),
        ("pass", "NameError: name 'double' is not defined"),
    ],
)
def test_an_answer_is_told_what_is_wrong(answer, told):
    assert judge(answer, CHECKS) == told


def test_a_check_without_a_message_still_fails():
    assert judge("", "assert False") == "A check failed and did not say why."


def test_answers_do_not_see_each_other():
    assert judge("leftover = 1", "") is None
    assert judge("print(leftover)", "") == "NameError: name 'leftover' is not defined"


def test_a_good_exercise_has_no_faults():
    assert list(GOOD.faults()) == []


@pytest.mark.parametrize(
    ("change", "line", "fault"),
    [
        (
            {"starter": GOOD.solution},
            10,
            "the starter of exercise 'double' passes its checks already",
        ),
        (
            {"solution": "def double(x): return 7"},
            10,
            "the solution of exercise 'double' fails its checks: Twice 4 is 8.",
        ),
        (
            {"wrong_answers": ()},
            10,
            "exercise 'double' names no wrong answer: which do people give?",
        ),
        (
            {"wrong_answers": (WrongAnswer(GOOD.solution, "Twice 4 is 8.", 20),)},
            20,
            "this wrong answer to exercise 'double' passes its checks",
        ),
        (
            {"wrong_answers": (WrongAnswer("double = abs", "Something else.", 20),)},
            20,
            "this wrong answer to exercise 'double' is told 'Twice 4 is 8.', not 'Something else.'",
        ),
    ],
)
def test_a_fault_is_named_with_its_line(change, line, fault):
    assert list(dataclasses.replace(GOOD, **change).faults()) == [(line, fault)]


@pytest.mark.parametrize(
    "answer",
    [
        "import numpy as np\nnp.mean = None",
        "import builtins\nbuiltins.sum = None",
        "import math\ndel math.pi",
        "import backprop.cost\nbackprop.cost.mse = None",
        "import sys\nsys.modules.pop('backprop.cost', None)\nimport backprop.cost as c\nc.mse = 1",
        "import numpy as np\nnp.mean = None\nraise SystemExit",
    ],
)
def test_what_an_answer_overwrites_is_back_for_the_next(answer):
    checks = (
        "import math\nimport numpy as np\nfrom backprop.cost import mse\n"
        "assert np.mean([sum([2]), 2]) == 2 and mse([1], [1]) == 0 and math.pi > 3"
    )
    with contextlib.suppress(SystemExit):
        judge(answer, "pass")
    assert judge("pass", checks) is None
