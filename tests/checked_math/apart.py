"""Builds in a process of their own, as an author's builds are, that need not load Sphinx first."""

import contextlib
import multiprocessing
import sys
from pathlib import Path

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    ["sphinx.cmd.build", "myst_parser.sphinx_ext.main", "checked_math.sphinx"]
)


def _build(arguments: list[str], shown: Path) -> None:
    from sphinx.cmd.build import main

    sys.dont_write_bytecode = True  # what a test changes may be as old and as long as before
    with (
        shown.open("w", encoding="utf-8") as screen,
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
    ):
        code = main(arguments)
    sys.exit(code)


def build(arguments: list[str], shown: Path) -> tuple[int | None, str]:
    """Run sphinx-build; give its exit code and what it prints."""
    process = SERVER.Process(target=_build, args=(arguments, shown))
    process.start()
    process.join()
    return process.exitcode, shown.read_text(encoding="utf-8")
