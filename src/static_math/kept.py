"""Work that gives the same from the same parts, done once and kept in a file."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

MOST = 64
"""How many results a folder keeps."""


def kept(folder: Path, parts: object, make: Callable[[], bytes]) -> bytes:
    """Make something, or take what was made of the same parts before.

    Parameters
    ----------
    folder : Path
        Where results are kept. The oldest go when they become too many.
    parts : object
        Everything that the result depends on, the version of what makes it included. What Python
        writes for it must tell one state from another.
    make : callable
        Makes the result.

    Returns
    -------
    bytes
        The result. A file that was cut short or spoiled is made again.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     first = kept(Path(name), ("a", 1), lambda: b"made")
    ...     print(first, kept(Path(name), ("a", 1), lambda: b"made again"))
    b'made' b'made'
    """
    file = folder / hashlib.sha256(repr(parts).encode()).hexdigest()
    try:
        digest, _, result = file.read_bytes().partition(b"\n")
    except FileNotFoundError:
        digest = result = b""
    if digest != hashlib.sha256(result).hexdigest().encode():
        result = make()
        folder.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(f".{os.getpid()}")
        new.write_bytes(hashlib.sha256(result).hexdigest().encode() + b"\n" + result)
        new.replace(file)
        by_age = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for old in by_age[:-MOST]:
            old.unlink(missing_ok=True)
    else:
        file.touch()
    return result
