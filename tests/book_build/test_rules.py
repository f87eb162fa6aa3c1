"""The rules of the house: a chapter that breaks one gets a line that says where, what and why."""

import re
import shutil
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent / "house"
EXTENSIONS = [
    "book_build.kernels",
    "book_build.listing",
    "checked_math.sphinx",
    "live_exercises.sphinx",
    "book_build.rules",
]
TOP = "# A chapter that breaks every rule"


@pytest.fixture(scope="module")
def book(small_book_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    book = small_book_in(folder, EXTENSIONS, book_rules={"exercises": 4, "kinds": 1})
    shutil.copytree(HOUSE, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield book


@pytest.fixture(scope="module")
def told(book):
    return of_the_house(book.build(parallel=2))


def of_the_house(warnings):
    return [line for line in warnings.splitlines() if "[book." in line]


@pytest.mark.parametrize(
    ("rule", "place", "fault"),
    [
        ("alt", "![](picture.svg)", "this picture has no alt text"),
        ("alt", "lines = plt.plot", "this figure has no alt text"),
        ("data", "lines = plt.plot", "this figure tells no data"),
        ("width", "wide = ", "this line of code is 82 columns wide, and 76 fit"),
        ("width", "def double(x):  # the starter", "this line of code is 84 columns wide"),
        ("width", "```{listing} house_code.wide", "line 2 of this listing is 84 columns wide"),
        ("length", "long = 1", "this cell has 31 lines, and 30 fit"),
        ("copy", "def sigmoid(x):", "the package has this function: use {listing} backprop."),
        ("witness", "J = ", "this formula is tied to cost.mse(p, y) and has no :witness:"),
        ("parts", TOP, "this chapter has no section 'Common mistakes'"),
        ("parts", TOP, "this chapter has no section 'What comes next'"),
        ("parts", TOP, "this chapter has no paragraph 'After this chapter you will be able to'"),
        ("exercises", "## Exercises", "this chapter has fewer exercises than 4: there are 1"),
        ("number", "## Exercises", "the heading of this exercise begins 'Exercise 1: '"),
        ("skill", "````{exercise}", "this exercise has no :skill:"),
    ],
)
def test_a_chapter_that_breaks_a_rule_is_told_where_what_and_why(told, rule, place, fault):
    lines = (HOUSE / "book/broken.md").read_text("utf-8").splitlines()
    (number,) = [k for k, line in enumerate(lines, start=1) if line.startswith(place)]
    found = [line for line in told if f"broken.md:{number}: WARNING: {fault}" in line]
    assert len(found) == 1, "\n".join(told)
    assert re.search(rf" \([^()]+\) \[book\.{rule}\]$", found[0])


def test_a_chapter_has_a_figure_and_code_of_the_package(told):
    found = [re.sub(r".*/book/| \(.*", "", line) for line in told if "bare.md" in line]
    assert found == [
        "bare.md:7: WARNING: this chapter has no figure",
        "bare.md:7: WARNING: this chapter shows no code of the package: use {listing}",
    ]


def test_what_keeps_the_rules_is_not_spoken_of(told):
    assert [line for line in told if "kept.md" in line] == []
    assert [line for line in told if "other.md" in line] == []


def test_another_book_turns_a_rule_off_and_sets_its_numbers(book, told):
    book.config["suppress_warnings"] = ["book.parts", "book.alt"]
    book.config["book_rules"] = {"columns": 90, "exercises": 1, "kinds": 1}
    rules = {line.rpartition("[book.")[2] for line in of_the_house(book.build())}
    assert rules == {
        "copy]",
        "data]",
        "figure]",
        "length]",
        "listing]",
        "number]",
        "skill]",
        "witness]",
    }


def test_a_chapter_has_exercises_of_several_kinds(book, told):
    book.config["book_rules"] = {"exercises": 1, "kinds": 4}
    assert (
        "kept.md:35: WARNING: its exercises are of fewer kinds than 4: code (fewer do not cover "
        "what a chapter teaches) [book.exercises]"
    ) in book.build()
