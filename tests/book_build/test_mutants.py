"""Which mutants may survive."""

import tomllib
from pathlib import Path

import pytest

from book_build.mutants import judge, read_results

LIST = Path(__file__).parents[1] / "mutation" / "survivors.toml"
KILLED, SURVIVED, LATE, MISTYPED, NO_TESTS, CRASHED = 1, 0, -24, 37, 33, 255


def judged(*statuses, known=(), bar=50):
    results = {f"p.x_f__mutmut_{k}": status for k, status in enumerate(statuses)}
    return judge(results, {"p": bar}, known, lambda name: name)


@pytest.mark.parametrize("status", [SURVIVED, NO_TESTS, CRASHED])
def test_what_no_test_fails_for_must_be_on_the_list(status):
    passed, report = judged(KILLED, status)
    assert not passed
    assert report[0] == "not on the list: p.x_f__mutmut_1"
    assert judged(KILLED, status, known=["p.x_f__mutmut_1"])[0]


def test_enough_must_be_killed_even_if_the_others_are_on_the_list():
    assert not judged(KILLED, SURVIVED, known=["p.x_f__mutmut_1"], bar=51)[0]


def test_it_is_said_what_killed():
    passed, report = judged(KILLED, LATE, MISTYPED, KILLED, bar=100)
    assert passed
    assert report == [
        "p: 4 of 4 mutants killed (100.0 %, at least 100 %): "
        "2 by tests, 1 by the time limit, 1 by mypy; 0 survived, 0 of them known"
    ]


def test_nothing_tried_is_no_success():
    assert not judged()[0]


def test_mutants_that_were_not_tried_are_not_counted(tmp_path):
    (tmp_path / "a.py.meta").write_text('{"exit_code_by_key": {"p.x_f__mutmut_1": null}}')
    assert read_results(tmp_path) == {}


def test_every_known_survivor_has_a_reason_and_stands_once():
    groups = tomllib.loads(LIST.read_text("utf-8"))["group"]
    survivors = [survivor for group in groups for survivor in group["survivors"]]
    assert len(survivors) == len(set(survivors)) > 0
    assert all(group["why"] for group in groups)
