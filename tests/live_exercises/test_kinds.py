"""Each kind of exercise: what an author can get wrong is told, with its line."""

import pickle
import re
from pathlib import Path

import pytest

from live_exercises.domain import KINDS
from live_exercises.exercise import CodeExercise
from live_exercises.kinds.choose import Choose, Option
from live_exercises.kinds.order import Order
from live_exercises.problem import Problem, ProblemError, expression, latex

WRITING = (Path(__file__).parents[2] / "docs/writing.md").read_text("utf-8")


def example(name):
    """The example of a kind in the guide for authors."""
    return next(
        text
        for text in re.findall(r"^`{5}md\n(.*?)^`{5}$", WRITING, re.M | re.S)
        if f"}} example-{name}\n" in text
    )


@pytest.fixture
def book(small_book):
    book = small_book(["live_exercises.sphinx"])
    book.text = lambda *parts: "# Page\n\n## Task\n\n" + "\n".join(parts)
    return book


EXAMPLES = ["double", "slope", "shapes", "print", "choice", "order"]


def test_each_example_has_a_hint_and_a_solution_and_no_fault(book):
    book.write("index", book.text(*map(example, EXAMPLES)))
    assert book.build() == ""
    page = book.page("index")
    for name in EXAMPLES:
        assert f'data-exercise="example-{name}"' in page
    for word in ("Hint", "Solution"):
        assert page.count(f"<summary>{word}</summary>") == len(EXAMPLES)


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("slope", "d(J, z) :", "d(J, w) :", "index.md:17: WARNING: this slip in exercise"),
        ("slope", "which is {z}", "which is 6", "has a number: write {expression} for it"),
        ("slope", "which is {z}", "which is {u}", "u is neither given nor computed"),
        ("slope", "d(J, w)\n", "d(J, v)\n", "v is neither given nor computed"),
        ("slope", "d(J, w)\n", "d(J w)\n", "'d(J w)' is no expression of Python"),
        ("slope", "z = w * x", "z = w * v", "v is used before it is given or computed"),
        ("slope", "z = w * x", "z = cos(w)", "'cos(w)' is not among what a problem can have"),
        ("slope", "z = w * x", "w = w * x", "w is there twice"),
        ("slope", "z = w * x", "z = w /", "line 3 of the problem is no Python"),
        ("slope", "(z - 5)**2", "(z - 5)**3", "of powers, a problem has the square only"),
        ("slope", "w = 2, -1, 3", "w = 2, -1, x", "w is neither numbers nor one expression"),
        ("slope", "z = w * x", "z = log(w)", "has no answer for"),
        ("slope", "How fast", "{letter}`q`: how fast", "{letter}`q` is not in its problem"),
        ("slope", "d(J, z) : That", "That", "is no expression of Python"),
        ("shapes", "(3, 3) : The sizes", "(4, 2) : The sizes", "is right"),
        ("shapes", "A @ B\n", "A @ C\n", "'A @ C' raises NameError"),
        ("shapes", "A = (4, 3)", "A = 4 by 3", "is not 'name = (rows, columns)'"),
        ("print", "6 : That", "9 : That", "is right"),
        ("print", "print(x * x)", "print(y)", "its code raises NameError"),
        ("print", "print(x * x)", "print(x)\nprint(x)", "its code prints 2 lines"),
        ("choice", "{answer} right", "{answer}", "has no right answer"),
        ("choice", "```{answer}\nSo", "```{answer} right\nSo", "has no wrong answer"),
        ("choice", "{answer} right", "{answer} wrong", "is 'right' or says nothing: 'wrong'"),
        ("choice", "\n\nA square is never negative.", "", "the reason why it is right or wrong"),
        ("order", "2 before 1 :", "1 before 2 :", "step 1 does stand before step 2"),
        ("order", "2 before 1 :", "2 before 4 :", "names a step that there is not"),
        ("order", "2 before 1 :", "later :", "is not 'NUMBER before NUMBER : message'"),
        ("order", "1. Predict.", "Predict.", "numbered list"),
    ],
)
def test_a_fault_of_the_author_is_told(book, name, before, after, told):
    text = book.text(example(name))
    assert before in text
    book.write("index", text.replace(before, after))
    report = book.build()
    assert told in report
    assert re.search(r"index\.md:\d+: ", report)
    assert "Traceback" not in report


def test_two_exercises_of_one_name_are_told(book):
    book.write("index", book.text(example("double"), "```{toctree}\nother\n```"))
    book.write("other", book.text(example("double")))
    assert "index.md:5 has an exercise 'example-double' too" in book.build()


def test_the_domain_keeps_each_exercise_once_with_its_place(book):
    book.write("index", book.text(example("double"), example("slope")))
    book.build()
    path = book.build_folder / "doctrees/environment.pickle"
    pages = pickle.loads(path.read_bytes()).domaindata["exercise"]["pages"]
    first, second = pages["index"]
    assert (first.title, first.record.line, first.record.skill) == (
        "Task",
        5,
        "a function of one argument",
    )
    assert isinstance(first.record, CodeExercise)
    assert second.record.name == "example-slope"


def test_the_list_has_every_exercise_with_kind_skill_and_link(book):
    book.write("index", book.text(example("slope"), "```{toctree}\nlist\n```"))
    book.write("list", "# All\n\n```{exercise-list}\n```\n")
    assert book.build() == ""
    page = book.page("list")
    assert 'href="index.html#task">Task</a> (by pencil): one link of the chain.' in page


def test_every_kind_has_a_name_for_readers():
    from live_exercises.sphinx import DIRECTIVES

    kinds = {KINDS[kind] for kind in KINDS}
    assert len(kinds) == len(KINDS) == len(DIRECTIVES)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("(a + b) * c", r"(a + b) \, c"),
        ("a - (b - c)", "a - (b - c)"),
        ("2 * w1", r"2 \, w_{1}"),
        ("w * 2", r"w \cdot 2"),
        ("-(a + b)", "-(a + b)"),
        ("-a**2", "-a^{2}"),
        ("(-a)**2", "(-a)^{2}"),
        ("sigmoid(z)", r"\sigma(z)"),
        ("maximum(a, b) / 2", r"\frac{\max(a, b)}{2}"),
        ("eta * d(J, w)", r"\eta \, \frac{\partial J}{\partial w}"),
    ],
)
def test_a_problem_is_written_as_formulas(text, formula):
    assert latex(expression(text)) == formula


def test_a_gradient_of_what_is_not_on_the_way_is_zero():
    solved = Problem.read("a = 2\nb = 3\nc = a * a\nJ = c + 1").solve()
    assert solved.value(expression("d(J, b)")) == 0
    assert solved.value(expression("d(a, J)")) == 0


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(ProblemError, match="q is neither given nor computed"):
        Problem.read("a = 2").solve().value("q")


def test_of_several_right_answers_some_are_not_enough():
    options = (Option(True, "a", 1), Option(True, "b", 2), Option(False, "c", 3))
    asked = Choose(name="x", line=1, options=options)
    assert asked.judge([0]) == "Right so far, but not all of it."
    assert asked.judge([0, 2]) == "c"
    assert asked.judge([0, 1]) is None


def test_free_steps_may_change_places():
    asked = Order(name="x", line=1, count=4, slips=(), free=(1, 2))
    assert asked.judge([0, 2, 1, 3]) is None
    assert asked.judge([2, 0, 1, 3]) == "The first step is another one."
    assert asked.judge([0, 3, 1, 2]) == "The first 1 are in their places; look at what follows."
    assert asked.judge(asked.mixed) is not None
