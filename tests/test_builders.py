"""Every builder that a user of Sphinx tries ends without a warning."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# For each builder a file that it writes, and what must stand in it.
WRITTEN = {
    "dirhtml": ("cost/index.html", ["_sources/cost.ipynb", "<math", "<summary>Hint</summary>"]),
    "singlehtml": ("index.html", ["<math", "<summary>Hint</summary>"]),
    "epub": ("Understandingbackpropagation.epub", ["<math", "Hint</p>"]),
    "latex": (
        "understandingbackpropagation.tex",
        [r"\frac{\partial J}", "Hint", "What is checked"],
    ),
    "text": ("cost.txt", [r"\frac{\partial J}", "-[ Hint ]-", "return cost"]),
    "man": ("understandingbackpropagation.1", [r"frac{\epartial J}", "Hint", "return cost"]),
    "gettext": ("cost.pot", ['msgid "Mean squared error"']),
    "linkcheck": ("output.txt", []),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where all builders write: they share what was read."""
    return tmp_path_factory.mktemp("builders")


@pytest.mark.slow
@pytest.mark.parametrize("builder", WRITTEN)
def test_a_builder_ends_without_a_warning(builder, folder):
    # Without a network linkcheck has nothing to say of other sites.
    ignored = ["-D", "linkcheck_ignore=https?://.*"] if builder == "linkcheck" else []
    command = [sys.executable, "-m", "sphinx", "-c", ".", "-W", "--keep-going", "-q", *ignored]
    # What gettext reads no other builder can take.
    doctrees = folder / ("messages" if builder == "gettext" else "doctrees")
    command += ["-b", builder, "-d", str(doctrees), "book", str(folder / builder)]
    built = subprocess.run(
        command,
        cwd=ROOT,
        # An e-book does not run code, also where there is what runs it.
        env={**os.environ, "LIVE": "1" if builder == "epub" else "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    name, expected = WRITTEN[builder]
    file = folder / builder / name
    if builder == "epub":
        with zipfile.ZipFile(file) as book:
            text = book.read("cost.xhtml").decode()
            assert not [name for name in book.namelist() if "pyodide" in name or "live" in name]
    else:
        text = file.read_text("utf-8")
    assert [words for words in expected if words not in text] == []
