"""Build the book: what stands in ``_build/html`` is always what a clean build would give.

``python -m book_build.build book _build`` is what ``make html`` runs. It has Sphinx read the pages
that have changed (`book_build.freshness` knows which) and write *all* pages into a new folder,
which takes the place of ``html`` once the whole book has passed. So no page is ever older than
another, and whatever fails or is broken off leaves the last good book where it is. A book with
faults is written to ``_build/failed``.

Where no source, setting or tool has changed since the last good build, nothing is done at all.
"""

import argparse
import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

SETTINGS = ("LIVE", "LIVE_SOURCES", "BOOK_URL", "CI")
"""Variables that `conf.py` reads."""


def inputs(source: Path) -> str:
    """Fingerprint of all that a build depends on: the sources, the settings, the environment.

    Parameters
    ----------
    source : Path
        The folder of the pages. ``conf.py`` and ``src`` stand beside it.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    root = source.absolute().parent
    digest = hashlib.sha256(repr((sys.version, [os.environ.get(s) for s in SETTINGS])).encode())
    made_from = Path(sys.prefix, "made-from.json")
    live = Path(sys.prefix, "live")
    files = [path for folder in (source, root / "src") for path in folder.absolute().rglob("*")]
    for path in sorted([*files, root / "conf.py", root / "pyproject.toml", made_from]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(repr((os.path.relpath(path, root), path.read_bytes())).encode())
    digest.update(repr(sorted(path.name for path in live.rglob("*"))).encode())
    return digest.hexdigest()


def outputs(folder: Path) -> list[list[object]]:
    """List the files of a built book, each with its size and date."""
    found: list[list[object]] = []
    for path in sorted(folder.rglob("*")):
        about = path.stat()
        if path.is_file():
            found.append([path.relative_to(folder).as_posix(), about.st_size, about.st_mtime_ns])
    return found


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other build of the same folder waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            import fcntl
        except ImportError:  # Windows has no such locks
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another build of this book is running. Waiting for it to end ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _plain(text: str) -> str:
    """Write paths the way an author knows them: from the root of the repository."""
    return text.replace(f"{Path.cwd()}{os.sep}", "")


def explain(fault: BaseException) -> str:
    r"""Say what broke a build off, in a line or two.

    Parameters
    ----------
    fault : BaseException
        What was raised.

    Returns
    -------
    str

    Examples
    --------
    >>> explain(OSError(errno.ENOSPC, "No space left on device", "a.html"))
    'The disk is full: a.html could not be written. Make room and run the command again.'
    >>> explain(UnicodeDecodeError("utf-8", b"a\nb\xff", 3, 4, "invalid start byte"))
    'line 2: this is not text in UTF-8 (byte 0xff). Save the file with that encoding.'
    """
    if isinstance(fault, UnicodeDecodeError):
        line = fault.object.count(b"\n", 0, fault.start) + 1
        byte = fault.object[fault.start]
        return (
            f"line {line}: this is not text in UTF-8 (byte {byte:#x}). "
            "Save the file with that encoding."
        )
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
        where = fault.filename or "a file"
        return (
            f"The disk is full: {where} could not be written. Make room and run the command again."
        )
    return f"{type(fault).__name__}: {fault}"


def _file_of(words: str) -> str | None:
    """Name the file in what an `OSError` says."""
    named = re.search(r"'([^']+)'$", words.strip())
    return named[1] if named else None


def first_things_first(told: str) -> str:
    r"""Leave out the faults that only follow from settings of a page that cannot be read.

    Parameters
    ----------
    told : str
        All faults.

    Returns
    -------
    str

    Examples
    --------
    >>> print(first_things_first("a.md:9: no cells\na.md:2: not YAML [book.settings]\n"), end="")
    a.md:2: not YAML [book.settings]
    (Mend this first; any other fault is told after that.)
    """
    settings = [line for line in told.splitlines() if line.endswith("[book.settings]")]
    if not settings:
        return told
    return "\n".join([*settings, "(Mend this first; any other fault is told after that.)\n"])


def _run(
    source: Path, target: Path, folder: Path, builder: str, pages: Sequence[Path] = ()
) -> tuple[bool, str]:
    """Run Sphinx on all pages, or on some; tell whether the book passed, and the faults."""
    # Only now: what these import takes longer than to see that nothing has changed.
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.errors import SphinxError, SphinxParallelError
    from sphinx.util.console import strip_colors
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    from book_build.mends import names, with_mends

    class PageError(SphinxError):
        """A page cannot be read at all."""

    read_doc = Builder.read_doc

    def read_page(self: Builder, page: str, *, _cache: bool = True) -> None:
        try:
            read_doc(self, page, _cache=_cache)
        except SphinxError:
            raise
        except Exception as fault:
            raise PageError(f"{self.env.doc2path(page)}: {explain(fault)}") from fault

    root = source.absolute().parent
    told = io.StringIO()
    report = folder / "crash.txt"
    report.unlink(missing_ok=True)
    known: dict[str, set[str]] = {}
    try:
        with (
            mock.patch.object(Builder, "read_doc", read_page),
            patch_docutils(root),
            docutils_namespace(),
        ):
            app = Sphinx(
                srcdir=source,
                confdir=root,
                outdir=target,
                doctreedir=folder / "doctrees",
                buildername=builder,
                status=None,
                warning=told,
                parallel=1 + (os.cpu_count() or 1),  # who reads a page waits for its kernel
                warningiserror=True,
            )
            if pages:  # an index of some pages is no index, says Sphinx
                app.builder.search = False  # type: ignore[attr-defined]
            app.build(force_all=not pages, filenames=pages)
            passed = app.statuscode == 0
            known = names(app)
    except SphinxError as fault:
        passed = False
        words = str(fault)
        if isinstance(fault, SphinxParallelError):
            # What another process raised comes as text, behind the name of its class.
            kind, _, words = words.partition(": ")
            if "[Errno 28]" in words:
                words = explain(OSError(errno.ENOSPC, "", _file_of(words)))
            elif not kind.endswith(PageError.__name__):
                words = str(fault)
                report.write_text(fault.traceback, "utf-8")
        told.write(f"{words}\n")
    except Exception as fault:
        passed = False
        told.write(f"{explain(fault)}\n")
        with contextlib.suppress(OSError):
            report.write_text(traceback.format_exc(), "utf-8")
    if report.exists():
        told.write(f"(The build broke off there. {report} has the details.)\n")
    return passed, with_mends(_plain(strip_colors(told.getvalue())), known)


def build(source: Path, folder: Path, builder: str = "html") -> int:
    """Build the book, unless what is there is what a build would give.

    Parameters
    ----------
    source : Path
        The folder of the pages.
    folder : Path
        Where everything that is built goes.
    builder : str, default "html"
        The name of a builder of Sphinx, and of the folder that the result goes to.

    Returns
    -------
    int
        An exit status: 0 where the book has passed.
    """
    with alone(folder):
        result, fresh, failed = folder / builder, folder / f"{builder}.new", folder / "failed"
        note = folder / f"{builder}.json"
        made_of = inputs(source)
        with contextlib.suppress(OSError, ValueError):
            noted = json.loads(note.read_text("utf-8"))
            if noted == {"inputs": made_of, "outputs": outputs(result)}:
                return 0
        for stale in (fresh, failed):
            shutil.rmtree(stale, ignore_errors=True)
        passed, told = _run(source, fresh, folder, builder)
        sys.stdout.flush()
        if not passed:
            if fresh.exists():
                fresh.rename(failed)
            sys.stderr.write(first_things_first(told))
            as_it_is = f" With these faults it is at {failed}." if failed.exists() else ""
            before = f" {result} is as it was." if result.exists() else ""
            print(f"The book has faults, listed above.{as_it_is}{before}", file=sys.stderr)
            return 1
        note.unlink(missing_ok=True)
        old = folder / f"{builder}.old"
        shutil.rmtree(old, ignore_errors=True)
        if result.exists():
            result.rename(old)
        fresh.rename(result)
        shutil.rmtree(old, ignore_errors=True)
        # What was saved while the book was being built is not in it.
        if inputs(source) == made_of:
            note.write_text(
                json.dumps({"inputs": made_of, "outputs": outputs(result)}), encoding="utf-8"
            )
        return 0


def preview(source: Path, folder: Path, pages: Sequence[Path]) -> None:
    """Write some pages alone, as soon as they are read. The whole book is then built sooner, too.

    Parameters
    ----------
    source : Path
        The folder of the pages.
    folder : Path
        Where everything that is built goes. The pages go to ``preview`` in it; what they share with
        all others, style sheets and fonts, is that of the last book.
    pages : sequence of Path
        The sources of the pages.
    """
    with alone(folder):
        shutil.rmtree(folder / "preview", ignore_errors=True)
        _run(source, folder / "preview", folder, "html", pages)


def main() -> int:
    """Build what the command line names."""
    parser = argparse.ArgumentParser(description="Build the book.")
    parser.add_argument("source", type=Path, help="the folder of the pages")
    parser.add_argument("folder", type=Path, help="where everything that is built goes")
    parser.add_argument("--builder", default="html", help="the name of a builder of Sphinx")
    options = parser.parse_args()
    try:
        return build(options.source, options.folder, options.builder)
    except KeyboardInterrupt:
        print("Broken off. The same command takes it up again.", file=sys.stderr)
        return 130
    except OSError as fault:
        print(explain(fault), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
