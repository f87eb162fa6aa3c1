"""Compare what the chapters print and draw with what a person has accepted.

The accepted outputs of each chapter stand in ``book/accepted/CHAPTER.txt``: for every code cell its
first line, what it printed, and the texts in its figure. The figures themselves stand beside it as
pictures, each under the label of its cell. When a chapter is built and something differs, the build
says so and stops.

::

    python -m book_build.accepted [--chapter CHAPTER] [--cell LABEL_OR_LINE] book _build

is what ``make accept`` runs. It builds the book, which tells every difference, and then accepts all
of them, or those of one chapter, or that of one cell: given by the label of its figure, or by a
line of the chapter. It lists the files that it wrote, and those that it removed because they belong
to no page or figure of the book. The change of these files is part of what a reviewer sees.

Numbers may differ in their last digits, as they do between versions of NumPy; see `agree`.
"""

import argparse
import base64
import difflib
import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from sphinx.application import Sphinx

from book_build.build import build
from book_build.chapters import Chapter, executed_chapter, first_line, has_cells, read_chapter
from book_build.outputs import failures
from book_build.pictures import picture_difference, show, write_page

FOLDER = "accepted"
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
ALIKE = 0.6
"""From how much of it on, of 1, a line or an output is likely an edited form of another."""

NO_LABEL = (
    "this figure has no label, and its accepted picture is kept under the label: give its cell one "
    "(mystnb: figure: name, or label)"
)


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
    label : str
        The name of its figure in links; empty where it has none.
    """

    cell: int
    first_line: str
    text: str
    pictures: tuple[bytes, ...] = ()
    label: str = ""


class Entry(NamedTuple):
    """One cell of an accepted file.

    Attributes
    ----------
    line : int
        Where it stands in the file, from 1.
    first_line : str
        The first line of the cell's code.
    text : str
        The accepted output.
    """

    line: int
    first_line: str
    text: str


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
    [Shown(cell=0, first_line='print(14.0)', text='14.0', pictures=(), label='')]
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
        line = first_line(cell.source)
        result.append(Shown(number, line, text, tuple(pictures), label_of(cell)))
    return result


def label_of(cell: nbformat.NotebookNode) -> str:
    """Name of a cell's figure in links, or the cell's own option ``label``."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    return str(figure.get("name") or cell.metadata.get("label", ""))


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


def write_down(cells: Sequence[Shown | Entry]) -> str:
    """Write outputs the way they stand in an accepted file.

    Parameters
    ----------
    cells : sequence of Shown or Entry
        What the cells of a chapter show.

    Returns
    -------
    str

    Examples
    --------
    >>> write_down([Shown(0, "print(14.0)", "14.0")]).splitlines()
    ['>>> print(14.0)', '14.0', '']
    """
    return "".join(f">>> {cell.first_line}\n{cell.text}\n\n" for cell in cells)


def read_back(text: str) -> list[Entry]:
    """Read an accepted file.

    Parameters
    ----------
    text : str
        What `write_down` wrote.

    Returns
    -------
    list of Entry

    Examples
    --------
    >>> read_back(write_down([Shown(0, "print(14.0)", "14.0")]))
    [Entry(line=1, first_line='print(14.0)', text='14.0')]
    """
    entries = []
    line = 1
    for entry in re.split(r"^>>> ", text, flags=re.MULTILINE)[1:]:
        heading, _, output = entry.partition("\n")
        entries.append(Entry(line, heading, output.removesuffix("\n\n")))
        line += entry.count("\n")
    return entries


def _read_accepted(file: Path) -> list[Entry]:
    return read_back(file.read_text("utf-8")) if file.exists() else []


Pair = tuple[Entry | None, Shown | None]


def matched(entries: Sequence[Entry], cells: Sequence[Shown]) -> list[Pair]:
    """Find for each cell its accepted output, though cells came, went or changed in between.

    Of all ways to pair them in their order, this is the one in which first lines and outputs are
    most alike.

    Parameters
    ----------
    entries : sequence of Entry
        The accepted outputs of a chapter.
    cells : sequence of Shown
        What its cells show now.

    Returns
    -------
    list of tuple
        An entry and its cell, in their order. In place of the one that is missing stands None.

    Examples
    --------
    >>> accepted = [Entry(1, "print(a)", "1"), Entry(4, "print(b)", "2")]
    >>> now = [Shown(0, "print(a)", "1"), Shown(1, "print(a + b)", "3"), Shown(2, "print(b)", "2")]
    >>> [(entry and entry.text, cell.text) for entry, cell in matched(accepted, now)]
    [('1', '1'), (None, '3'), ('2', '2')]
    """
    start = 0  # what has not changed needs no search
    while start < min(len(entries), len(cells)) and _same(entries[start], cells[start]):
        start += 1
    end = 0
    while end < min(len(entries), len(cells)) - start and _same(entries[-1 - end], cells[-1 - end]):
        end += 1
    changed = entries[start : len(entries) - end], cells[start : len(cells) - end]
    return [
        *zip(entries[:start], cells[:start], strict=True),
        *_most_alike(*changed),
        *zip(entries[len(entries) - end :], cells[len(cells) - end :], strict=True),
    ]


def _same(entry: Entry, cell: Shown) -> bool:
    return entry.first_line == cell.first_line and agree(cell.text, entry.text)


def _most_alike(entries: Sequence[Entry], cells: Sequence[Shown]) -> list[Pair]:
    """Pair two sequences so that the sum of the pairs' likenesses is largest."""
    none: tuple[float, list[Pair]] = (0.0, [])
    row = [none] + [(0.0, [(None, cell) for cell in cells[: k + 1]]) for k in range(len(cells))]
    for entry in entries:
        above, row = row, [(row[0][0], [*row[0][1], (entry, None)])]
        for k, cell in enumerate(cells):
            (without_cell, left), (without_entry, up) = row[k], above[k + 1]
            together, corner = above[k]
            ways = [
                (together + _likeness(entry, cell), [*corner, (entry, cell)]),
                (without_entry, [*up, (entry, None)]),
                (without_cell, [*left, (None, cell)]),
            ]
            row.append(max(ways, key=lambda way: way[0]))
    return row[-1][1]


def _likeness(entry: Entry, cell: Shown) -> float:
    """How much a cell is like an accepted one, at most 2; below 0 where it is another cell."""
    line = difflib.SequenceMatcher(None, entry.first_line, cell.first_line).ratio()
    if entry.text and agree(cell.text, entry.text):
        output = 1.0
    else:
        output = difflib.SequenceMatcher(None, entry.text[:400], cell.text[:400]).ratio()
    return line + output if max(line, output if entry.text else 0) >= ALIKE else -1.0


def differences(
    cells: Sequence[Shown], folder: Path, chapter: str
) -> Iterator[tuple[int | None, str]]:
    """Where what a chapter's cells say differs from what was accepted.

    Parameters
    ----------
    cells : sequence of Shown
        What the cells of the chapter show now.
    folder : Path
        The folder of the accepted files.
    chapter : str
        The name of the chapter.

    Yields
    ------
    tuple of int and str
        The cell of the notebook, from 0, and the difference. What is left over of a cell that is
        gone belongs to the cell before it; None if there is none.
    """
    file = folder / f"{chapter}.txt"
    place = f"{folder.parent.name}/{folder.name}/{file.name}"
    before = None
    for entry, cell in matched(_read_accepted(file), cells):
        before = cell.cell if cell else before
        if cell is None:
            if entry and entry.text:
                gone = f"an accepted output is left over, of the cell {entry.first_line!r}"
                yield before, f"{gone} ({place}:{entry.line}):\n{_changed(entry.text, '')}"
        elif entry is None:
            if cell.text:
                yield cell.cell, f"this cell has no accepted output yet:\n{_changed('', cell.text)}"
        elif not agree(cell.text, entry.text):
            told = f"the output is not the accepted one ({place}:{entry.line}):"
            yield cell.cell, f"{told}\n{_changed(entry.text, cell.text)}"


def _changed(accepted: str, found: str) -> str:
    """Tell the lines that are gone, with a minus, and those that are new, with a plus."""
    lines = difflib.unified_diff(
        _lines(accepted), _lines(found), "accepted", "found", lineterm="", n=1
    )
    return "\n".join(line for line in lines if not line.startswith("@@"))


def _lines(text: str) -> list[str]:
    """Lines of an output; of a figure each text by itself, and each sentence of its description."""
    result: list[str] = []
    for line in text.splitlines():
        figure = line.startswith("figure: ")
        result += re.split(r" \| |(?<=\.) ", line) if figure else [line]
    return result


def pictures_of(cell: Shown, folder: Path) -> list[tuple[bytes, Path]]:
    """Figures of a cell, and where each is accepted: under the cell's label."""
    if not cell.label:
        return []
    names = [cell.label, *(f"{cell.label}-{k}" for k in range(2, len(cell.pictures) + 1))]
    return [
        (picture, folder / f"{name}.png")
        for picture, name in zip(cell.pictures, names, strict=False)
    ]


def _other_pictures(cell: Shown, folder: Path) -> Iterator[tuple[bytes, Path, str]]:
    """Figures of a cell that are not the accepted ones, and how they differ."""
    for picture, accepted in pictures_of(cell, folder):
        if difference := picture_difference(picture, accepted):
            yield picture, accepted, difference


def accept(
    chapters: Sequence[Chapter],
    folder: Path,
    chosen: Callable[[Chapter, Shown], bool] = lambda chapter, cell: True,
) -> Iterator[str]:
    """Accept what cells show, and remove what belongs to no page or figure.

    Parameters
    ----------
    chapters : sequence of Chapter
        Every page of the book that has cells, executed.
    folder : Path
        The folder of the accepted files.
    chosen : callable, optional
        Whether to accept what a cell of a chapter shows. All, unless given.

    Yields
    ------
    str
        What was done with each file that changed.
    """
    folder.mkdir(exist_ok=True)
    wanted: set[Path] = set()
    for chapter in chapters:
        cells = shown(chapter.notebook)
        file = folder / f"{chapter.name.replace('/', '-')}.txt"
        taken = [cell for cell in cells if chosen(chapter, cell)]
        kept: list[Shown | Entry] = []
        for entry, cell in matched(_read_accepted(file), cells):
            if cell in taken:
                text = entry.text if entry and agree(cell.text, entry.text) else cell.text
                kept.append(cell._replace(text=text))
            elif entry and (cell or len(taken) < len(cells)):
                kept.append(entry)
        text = write_down(kept)
        if taken and (not file.exists() or file.read_text("utf-8") != text):
            file.write_text(text, encoding="utf-8")
            yield f"wrote {file}"
        if cells:
            wanted.add(file)
        for cell in cells:
            targets = pictures_of(cell, folder)
            wanted.update(target for _, target in targets)
            for picture, target in targets:
                if cell in taken and picture_difference(picture, target):
                    target.write_bytes(picture)
                    yield f"wrote {target}"
    for stale in sorted(set(folder.iterdir()) - wanted):
        stale.unlink()
        yield f"removed {stale}: it belongs to nothing in the book"


def page_folder(build: Path) -> Path:
    """Where the page goes that shows how figures differ."""
    return build / "accept"


def _chapter_folder(app: Sphinx, page: str) -> Path:
    return page_folder(Path(app.outdir).parent) / page.replace("/", "-")


def _hold_against_accepted(app: Sphinx, doctree: Any) -> None:
    chapter = executed_chapter(app)
    if chapter is None:
        return
    folder = Path(app.srcdir) / FOLDER
    name = chapter.name.replace("/", "-")
    cells = shown(chapter.notebook)
    files = [folder / f"{name}.txt", *(f for cell in cells for _, f in pictures_of(cell, folder))]
    for file in files:
        if file.exists():
            app.env.note_dependency(str(file))
    advice = "If this is right: make accept"
    for number, told in differences(cells, folder, name):
        chapter.fault("accepted", f"{told}\n({advice} CHAPTER={chapter.name})", number)
    page = _chapter_folder(app, chapter.name)
    for cell in cells:
        if cell.pictures and not cell.label:
            chapter.fault("label", NO_LABEL, cell.cell)
        for picture, accepted, told in _other_pictures(cell, folder):
            place = f"{chapter.name}.md:{chapter.line(cell.cell)}"
            show(page, accepted.stem, picture, accepted, place, told)
            both = f"Both are shown in {os.path.relpath(page.parent / 'index.html')}."
            chapter.fault("accepted", f"{told}\n({both} {advice} CELL={cell.label})", cell.cell)


def _forget(app: Sphinx, env: Any, page: str) -> None:
    shutil.rmtree(_chapter_folder(app, page), ignore_errors=True)


def _write_page(app: Sphinx, error: Exception | None) -> None:
    write_page(page_folder(Path(app.outdir).parent))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("env-purge-doc", _forget)
    app.connect("doctree-read", _hold_against_accepted)
    app.connect("build-finished", _write_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def stands_at(chapter: Chapter, cell: Shown, place: str) -> bool:
    """Whether a cell is the one that is meant by the label of its figure, or by a line."""
    if not place.isdigit():
        return place == cell.label
    first = chapter.notebook.metadata.source_map[cell.cell]
    last = chapter.line(cell.cell, chapter.notebook.cells[cell.cell].source.count("\n") + 2)
    return bool(first <= int(place) <= last)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the book and accept what its cells show; see the head of this module.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line, unless given.

    Returns
    -------
    int
        0, or 1 if something could not be accepted.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chapter", help="accept what the cells of this chapter show, and no more")
    parser.add_argument("--cell", help="accept this cell: the label of its figure, or a line in it")
    parser.add_argument("source", type=Path, help="the folder of the book")
    parser.add_argument("build", type=Path, help="the folder that it is built in")
    options = parser.parse_args(arguments)
    if (options.cell or "").isdigit() and not options.chapter:
        parser.error("a line needs its chapter: make accept CHAPTER=cost CELL=120")

    print("What differs from the accepted outputs and figures, or is at fault otherwise:")
    if options.chapter or options.cell:
        print("(All that differs is shown. Only what you have named is accepted.)")
    build(options.source, options.build)
    chapters = []
    for path in sorted(options.source.rglob("*.md")):
        page = path.relative_to(options.source).with_suffix("").as_posix()
        executed = options.build / "jupyter_execute" / f"{page}.ipynb"
        if has_cells(path) and not executed.exists():
            print(f"{path}: its cells were not executed. Nothing was accepted.", file=sys.stderr)
            return 1
        if has_cells(path):
            chapters.append(read_chapter(page, path, executed))
    for chapter in chapters:
        for failure in failures(chapter.notebook):
            place = f"{chapter.name}.md:{chapter.line(failure.cell, failure.line)}"
            print(
                f"{place}: this cell fails: mend it first. Nothing was accepted.", file=sys.stderr
            )
            return 1

    def chosen(chapter: Chapter, cell: Shown) -> bool:
        here = options.chapter in (None, chapter.name)
        return here and (options.cell is None or stands_at(chapter, cell, options.cell))

    if not any(chosen(chapter, cell) for chapter in chapters for cell in shown(chapter.notebook)):
        names = ", ".join(chapter.name for chapter in chapters)
        print(f"No cell is meant by that. The pages with cells: {names}", file=sys.stderr)
        return 1
    done = list(accept(chapters, options.source / FOLDER, chosen))
    print("\n".join(done) or "Nothing differs from what is accepted.")
    if done:
        print(f"Now look at what you accepted: git diff {options.source / FOLDER}")
        print("What was accepted is no longer a fault: make html builds the book with it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
