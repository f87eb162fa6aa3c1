"""Compare what the chapters print and draw with what a person has accepted.

The accepted outputs of each chapter stand in ``book/accepted/CHAPTER.txt``: for every code cell its
first line, what it printed, and the texts in its figure. The figures themselves stand beside it as
pictures. When a chapter is built and something differs, the build says so and stops. After
looking at the difference, a person accepts it with ``make accept``, and the change of the accepted
files is part of what a reviewer sees.

Numbers may differ in their last digits, as they do between versions of NumPy; see `agree`.
"""

import base64
import difflib
import io
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.image
import nbformat
import numpy as np
from matplotlib.testing.compare import calculate_rms
from numpy.typing import NDArray
from sphinx.application import Sphinx

from book_build.chapters import executed_chapter

FOLDER = "accepted"
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
PICTURE_TOLERANCE = 1.0
"""Root mean square difference, of 255, up to which two pictures count as the same."""
SIZE_TOLERANCE = 2
"""Rows or columns by which versions of Matplotlib may differ in cutting a picture out."""


class Shown(NamedTuple):
    """What a reader sees of one code cell's outcome.

    Attributes
    ----------
    cell : int
        Which cell of the notebook it is, from 0.
    first_line : str
        The first line of its code.
    text : str
        What it printed, and the texts in its figures.
    pictures : tuple of bytes
        Its figures, as PNG.
    """

    cell: int
    first_line: str
    text: str
    pictures: tuple[bytes, ...]


def shown(notebook: nbformat.NotebookNode) -> list[Shown]:
    """Collect what a reader sees of every code cell's outcome.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook, executed.

    Returns
    -------
    list of Shown

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook, new_output
    >>> printed = new_output("stream", text="14.0")
    >>> shown(new_notebook(cells=[new_code_cell("print(14.0)", outputs=[printed])]))
    [Shown(cell=0, first_line='print(14.0)', text='14.0', pictures=())]
    """
    result = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or "remove-cell" in cell.metadata.get("tags", []):
            continue
        texts: list[str] = []
        pictures = []
        printing = False
        for output in cell.outputs:
            data = output.get("data", {})
            if output.output_type == "stream":
                # What was printed arrives in pieces, cut at chance.
                texts[-1:] = [texts[-1] + output.text] if printing else [*texts[-1:], output.text]
            elif "image/svg+xml" in data:
                words = re.findall(r"<text[^>]*>([^<]*)</text>", data["image/svg+xml"])
                texts.append("figure: " + " | ".join(words))
                if "image/png" in data:
                    pictures.append(base64.b64decode(data["image/png"]))
            elif "text/plain" in data:
                texts.append(data["text/plain"])
            printing = output.output_type == "stream"
        text = "\n".join(text.strip("\n") for text in texts)
        result.append(Shown(number, cell.source.splitlines()[0], text, tuple(pictures)))
    return result


def agree(found: str, accepted: str) -> bool:
    r"""Whether two outputs are the same, but for the last digits of numbers.

    In each line the text between the numbers must be equal, but for the width of gaps. Two numbers
    agree if they differ by at most one in the last digit that is printed, and by at most a
    ten-thousandth of their size; or by rounding errors alone.

    Parameters
    ----------
    found, accepted : str
        The outputs.

    Returns
    -------
    bool

    Examples
    --------
    >>> agree("loss 0.16425203348601", "loss 0.16425203348602")
    True
    >>> agree("loss 0.164", "loss 0.165")
    False
    >>> agree("loss 0.25", "cost 0.25")
    False
    >>> agree("1 2", "1\n2")
    False
    """
    if found == accepted:
        return True
    if _words(found) != _words(accepted):
        return False
    pairs = zip(NUMBER.findall(found), NUMBER.findall(accepted), strict=True)
    return all(_numbers_agree(a, b) for a, b in pairs)


def _words(text: str) -> list[list[str]]:
    """Words of each line, with a sign in place of each number."""
    return [line.split() for line in NUMBER.sub("#", text).splitlines()]


def _numbers_agree(found: str, accepted: str) -> bool:
    if found == accepted:
        return True
    if not re.search(r"[.eE]", found + accepted):
        return False  # whole numbers are counts: they are equal or they are not
    a, b = float(found), float(accepted)
    mantissa, _, exponent = accepted.lower().partition("e")
    last_digit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    printed = min(1.01 * last_digit, 1e-4 * abs(b))
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=max(printed, 1e-12))


def write_down(cells: list[Shown]) -> str:
    """Write outputs the way they stand in an accepted file.

    Parameters
    ----------
    cells : list of Shown
        What the cells of a chapter show.

    Returns
    -------
    str

    Examples
    --------
    >>> write_down([Shown(0, "print(14.0)", "14.0", ())]).splitlines()
    ['>>> print(14.0)', '14.0', '']
    """
    return "".join(f">>> {cell.first_line}\n{cell.text}\n\n" for cell in cells)


def read_back(text: str) -> list[tuple[int, str, str]]:
    """Read an accepted file: the first line and the output of each cell, and where they stand.

    Parameters
    ----------
    text : str
        What `write_down` wrote.

    Returns
    -------
    list of tuple
        For each cell the line of the file, from 1, the first line of its code, and its output.

    Examples
    --------
    >>> read_back(write_down([Shown(0, "print(14.0)", "14.0", ())]))
    [(1, 'print(14.0)', '14.0')]
    """
    entries = []
    line = 1
    for entry in re.split(r"^>>> ", text, flags=re.MULTILINE)[1:]:
        first_line, _, output = entry.partition("\n")
        entries.append((line, first_line, output.removesuffix("\n\n")))
        line += entry.count("\n")
    return entries


def differences(cells: list[Shown], folder: Path, chapter: str) -> Iterator[tuple[int, str]]:
    """Where a chapter differs from what was accepted.

    Parameters
    ----------
    cells : list of Shown
        What the cells of the chapter show now.
    folder : Path
        The folder of the accepted files.
    chapter : str
        The name of the chapter.

    Yields
    ------
    tuple of int and str
        The cell of the notebook, from 0, and the difference.
    """
    file = folder / f"{chapter}.txt"
    accepted = read_back(file.read_text("utf-8")) if file.exists() else []
    for number, cell in enumerate(cells):
        if number >= len(accepted):
            yield cell.cell, "this cell has no accepted output"
            continue
        line, first_line, text = accepted[number]
        if first_line != cell.first_line:
            yield cell.cell, f"the accepted output at this place belongs to the cell {first_line!r}"
            return
        if not agree(cell.text, text):
            diff = difflib.unified_diff(
                text.splitlines(), cell.text.splitlines(), "accepted", "found", lineterm=""
            )
            place = f"{file.parent.parent.name}/{FOLDER}/{file.name}:{line}"
            told = f"the output is not the accepted one ({place}):\n" + "\n".join(diff)
            yield cell.cell, told
        for index, picture in enumerate(cell.pictures):
            difference = _picture_difference(picture, picture_file(folder, chapter, number, index))
            if difference:
                yield cell.cell, difference
    if len(accepted) > len(cells):
        extra = accepted[len(cells)][1]
        yield cells[-1].cell, f"an accepted output is left over, of the cell {extra!r}"


def picture_file(folder: Path, chapter: str, number: int, index: int) -> Path:
    """Where the accepted picture of a cell stands."""
    return folder / f"{chapter}-{number:02}{'abc'[index]}.png"


def _picture_difference(picture: bytes, accepted: Path) -> str | None:
    if not accepted.exists():
        return f"this figure has no accepted picture ({accepted.name})"
    found, known = (_pixels(file) for file in (picture, accepted.read_bytes()))
    if np.abs(np.subtract(found.shape, known.shape)).max() > SIZE_TOLERANCE:
        sizes = f"{found.shape[1]} by {found.shape[0]}, not {known.shape[1]} by {known.shape[0]}"
        return f"the figure is not the accepted one ({accepted.name}): it is {sizes} points large"
    height, width = np.minimum(found.shape, known.shape)[:2]
    rms = calculate_rms(known[:height, :width], found[:height, :width])
    if rms <= PICTURE_TOLERANCE:
        return None
    return f"the figure is not the accepted one ({accepted.name}): they differ by {rms:.1f}"


def _pixels(png: bytes) -> NDArray[np.float64]:
    """Colours of a picture, from 0 to 255, in front of white."""
    pixels = mpl.image.imread(io.BytesIO(png), format="png")
    opacity = pixels[..., 3:]
    return np.asarray(255 * (pixels[..., :3] * opacity + 1 - opacity), dtype=np.float64)


def accept(executed: Path, folder: Path) -> None:
    """Show how the executed chapters differ from what was accepted, and accept them.

    Parameters
    ----------
    executed : Path
        The folder of the executed notebooks.
    folder : Path
        The folder of the accepted files.
    """
    folder.mkdir(exist_ok=True)
    wanted: set[Path] = set()
    for path in sorted(executed.glob("*.ipynb")):
        cells = shown(nbformat.reads(path.read_text("utf-8"), as_version=4))
        file = folder / f"{path.stem}.txt"
        wanted.add(file)
        told = list(differences(cells, folder, path.stem))
        for place, difference in told:
            print(f"{path.stem}, cell {place}: {difference}\n")
        for number, cell in enumerate(cells):
            for index, picture in enumerate(cell.pictures):
                target = picture_file(folder, path.stem, number, index)
                wanted.add(target)
                if _picture_difference(picture, target):
                    target.write_bytes(picture)
        if told:
            file.write_text(write_down(cells), encoding="utf-8")
    for stale in set(folder.iterdir()) - wanted:
        print(f"{stale.name} belongs to nothing any more")
        stale.unlink()


def _hold_against_accepted(app: Sphinx, doctree: Any) -> None:
    chapter = executed_chapter(app)
    if chapter is None:
        return
    folder = Path(app.srcdir) / FOLDER
    app.env.note_dependency(str(folder / f"{chapter.name}.txt"))
    for cell, difference in differences(shown(chapter.notebook), folder, chapter.name):
        advice = "(If this change is right, accept it: make accept)"
        chapter.fault("accepted", f"{difference}\n{advice}", cell)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", _hold_against_accepted)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    accept(Path(sys.argv[1]), Path(sys.argv[2]))
