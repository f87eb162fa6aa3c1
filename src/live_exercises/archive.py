"""The code of the book, as one archive that the browser unpacks beside NumPy.

It is what the chapters import: the taught package and its drawings as they are in this repository,
the table of penguins as its package ships it, and the two modules that run and judge answers.
"""

import importlib
import io
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PACKAGES = ("backprop", "backprop_figures")
RUNNING = ("__init__", "exercise", "runner", "undrawn")
DISTRIBUTIONS = ("palmerpenguins",)


def members() -> Iterator[tuple[str, Path]]:
    """List the files of the archive.

    Yields
    ------
    tuple of str and Path
        The name in the archive, and the file.

    Examples
    --------
    >>> names = [name for name, path in members()]
    >>> "backprop/forward.py" in names, "palmerpenguins/data/penguins.csv" in names
    (True, True)
    """
    for package in PACKAGES:
        folder = Path(str(importlib.import_module(package).__file__)).parent
        for path in sorted(folder.glob("*.py")):
            yield f"{package}/{path.name}", path
    for module in RUNNING:
        yield f"live_exercises/{module}.py", Path(__file__).with_name(f"{module}.py")
    for name in DISTRIBUTIONS:
        for file in sorted(distribution(name).files or []):
            # pip's notes on this one installation say nothing about the package.
            if file.suffix != ".pyc" and file.name not in ("INSTALLER", "REQUESTED", "RECORD"):
                yield file.as_posix(), Path(str(file.locate()))


def archive() -> bytes:
    """Pack the files. The same files give the same bytes.

    Returns
    -------
    bytes
        A ZIP archive.

    Examples
    --------
    >>> archive() == archive()
    True
    """
    packed = io.BytesIO()
    with ZipFile(packed, "w") as result:
        for name, path in members():
            entry = ZipInfo(name)  # dated 1980, whenever the file was last written
            entry.compress_type = ZIP_DEFLATED
            result.writestr(entry, path.read_bytes())
    return packed.getvalue()
