import subprocess
import sys
from pathlib import Path

import pytest

from checked_math.__main__ import main

ROOTS = Path(__file__).parent / "roots"
LESSON = r"""
```{symbols}
$n \in \mathbb{N}$ : number of examples
$y \in \{0, 1\}^{n}$ : the labels
$p \in (0, 1)^{n}$ : the predicted probabilities
$J = -\frac{1}{n} \sum_{i=1}^{n} (y_i \log p_i + (1 - y_i) \log (1 - p_i))$ : the cost
```

$$
J = \frac{1}{2n} \sum_{i=1}^{n} (y_i \log p_i + (1 - y_i) \log p_i)
$$
"""


def test_a_clean_book(capsys):
    assert main([str(ROOTS / "test-clean" / name) for name in ("index.md", "gradients.md")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{ROOTS / 'test-clean' / 'gradients.md'}:8: holds: " in "\n".join(lines)
    assert lines[-1] == "14 pieces of mathematics, 7 statements hold, 0 faults"


def test_a_false_formula(capsys):
    path = ROOTS / "test-broken" / "index.md"
    assert main(["-q", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{path}:13: the two sides differ"
    assert lines[1] == "    (a + b)^2 = a^2 + b^2"
    assert f"{path}:16: the number 0.25 is typed into prose" in "\n".join(lines)


def test_the_lesson_fails_with_place_values_and_example(tmp_path, capsys):
    path = tmp_path / "lesson.md"
    path.write_text(LESSON, encoding="utf-8")
    assert main(["-q", str(path)]) == 1
    report = capsys.readouterr().out
    assert report.startswith(f"{path}:10: the two sides differ\n    J = ")
    assert "at  p = [" in report


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_no_file_makes_it_crash(tmp_path, capsys, content):
    path = tmp_path / "a.md"
    if content:
        path.write_bytes(content)
    assert main([str(path)]) == 1
    assert str(path) in capsys.readouterr().out


def test_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "checked_math", str(ROOTS / "test-broken" / "sound.md")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "1 + 1 = 2" in run.stdout
