"""A small part of the drill: errors that the cheapest gates catch in a moment."""

from pathlib import Path

import pytest

from book_build.chapters import listed
from book_build.drill import Drill, block_of, read_faults

ROOT = Path(__file__).parents[2]
FAULTS = read_faults(ROOT / "tests" / "drill" / "faults.toml")


@pytest.fixture(scope="module")
def exercise_ground(tmp_path_factory):
    return Drill(ROOT, tmp_path_factory.mktemp("drill"))


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.quick], ids=lambda fault: fault.kind)
def test_an_error_is_caught_with_file_and_line(exercise_ground, fault):
    caught, named, report = exercise_ground.try_fault(fault)
    assert caught, report
    assert named, report


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} {fault.find[:20]!r}")
def test_what_an_error_replaces_stands_in_its_file_once(fault):
    assert (ROOT / fault.file).read_text("utf-8").count(fault.find) == 1


def test_the_drill_is_large_and_reaches_every_chapter():
    assert len(FAULTS) >= 60
    chapters = set(listed(ROOT / "book/index.md", numbered=True))
    assert chapters
    reached = {Path(fault.file).stem for fault in FAULTS if fault.file.startswith("book/")}
    assert chapters <= reached, f"add a fault to tests/drill/faults.toml: {chapters - reached}"


def test_a_block_is_the_outermost_fence():
    text = "a\n\n````{exercise} x\n```{checks}\nassert x\n```\n````\n"
    assert block_of(text, text.index("assert"), ".md") == range(3, 8)
