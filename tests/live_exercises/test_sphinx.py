import pytest

EXERCISE = """\
# Page

## Doubling

````{exercise} doubling
Write a function that doubles its argument.

```{starter}
def double(x):
    # TODO: return twice x
```
```{hints}
Add something to itself.
```
```{checks}
assert double(4) == 8, "Twice 4 is 8."
```
```{solution}
def double(x):
    return x + x
```
```{wrong-answer} Twice 4 is 8.
def double(x):
    return x * x
```
````
"""


@pytest.fixture
def book(small_book):
    return small_book(["live_exercises.sphinx"])


def test_an_exercise_becomes_task_starter_hint_checks_and_solution(book):
    book.write("index", EXERCISE)
    assert book.build() == ""
    page = book.page("index")
    assert "Write a function that doubles its argument." in page
    for summary in ("Hint", "What is checked", "Solution"):
        assert f"<summary>{summary}</summary>" in page
    assert "TODO: return twice x" in page


def test_wrong_answers_do_not_reach_the_page(book):
    book.write("index", EXERCISE.replace("return x * x", "return x * x  # unseen"))
    book.build()
    assert "unseen" not in book.page("index")


def test_a_wrong_solution_is_reported_where_the_exercise_starts(book):
    book.write("index", EXERCISE.replace("return x + x", "return x + 1"))
    assert (
        "index.md:5: WARNING: the solution of exercise 'doubling' fails its checks: Twice 4 is 8."
        in book.build()
    )


def test_a_wrong_answer_that_passes_is_reported_where_it_stands(book):
    book.write("index", EXERCISE.replace("return x * x", "return x + x"))
    assert (
        "index.md:22: WARNING: this wrong answer to exercise 'doubling' passes its checks"
        in book.build()
    )


def test_a_missing_part_is_named(book):
    book.write("index", EXERCISE.replace("```{hints}\nAdd something to itself.\n```\n", ""))
    assert "exercise 'doubling' lacks {hints}: add it inside the exercise" in book.build()
