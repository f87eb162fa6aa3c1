"""How the kernels that run the chapters are started.

A kernel is ended when its last cell is done: it has nothing to keep. Asked to end by itself, one in
ten is still there after three seconds.

And a chapter is run strictly: a deprecated call or a dubious number in a cell is an error, and the
same chapter gives the same outputs at every run. A cell that ends its kernel, never ends, or prints
without end fails like any other: with its traceback, at its line.

That being so, a chapter whose cells and surroundings are those of a run before is given the outputs
of that run: who mends a sentence waits for no cell.
"""

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from myst_nb.core.execute import direct
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from traitlets import default

from book_build import outputs
from book_build.freshness import fingerprint
from static_math.kept import kept

logger = logging.getLogger(__name__)


class LocalKernelManager(AsyncKernelManager):
    """A kernel that is spoken to through files of its own, and through no port.

    Two kernels that start at the same time now and then choose the same free port; one of them ends
    then. And no other user of the machine can reach a file in a private folder.
    """

    transport = "ipc"

    @default("ip")
    def _place(self) -> str:
        # Short, since the name of such a file may have some hundred letters.
        return str(Path(tempfile.mkdtemp(), "k"))

    def cleanup_ipc_files(self) -> None:
        """Remove the files when the kernel has ended."""
        shutil.rmtree(Path(self.ip).parent, ignore_errors=True)


def talk_through_files() -> None:
    """Have every kernel that runs a notebook started by `LocalKernelManager`.

    Examples
    --------
    >>> talk_through_files()
    >>> NotebookClient({"cells": []}).kernel_manager_class.__name__
    'LocalKernelManager'
    """
    NotebookClient._kernel_manager_class_default = (  # type: ignore[method-assign]
        lambda self: LocalKernelManager
    )


def end_at_once() -> None:
    """Have every kernel that runs a notebook ended when its last cell is done.

    Examples
    --------
    >>> end_at_once()
    >>> NotebookClient({"cells": []}).shutdown_kernel
    'immediate'
    """
    NotebookClient.class_traits()["shutdown_kernel"].default_value = "immediate"


def fail_in_the_cell() -> None:
    """Have a cell that ends its kernel or its time shown with what happened, like one that raises.

    Examples
    --------
    >>> fail_in_the_cell()
    >>> NotebookClient.async_execute_cell.__name__
    'execute_cell'
    """
    execute = NotebookClient.async_execute_cell

    async def execute_cell(
        self: NotebookClient, cell: NotebookNode, cell_index: int, **more: Any
    ) -> NotebookNode:
        try:
            return await execute(self, cell, cell_index, **more)
        except DeadKernelError:
            name, told = "DeadKernel", "this cell ended Python itself, or took all of the memory"
        except CellTimeoutError:
            name, told = "Timeout", f"this cell did not end within {self.timeout} seconds"
        cell.outputs = [new_output("error", ename=name, evalue=told, traceback=[told])]
        raise CellExecutionError(told, name, told)

    if execute.__name__ != execute_cell.__name__:
        NotebookClient.async_execute_cell = execute_cell  # type: ignore[assignment,method-assign]


STRICT = """\
import sys
import warnings

# What a cell prints is sent once, at its end: not in pieces that are cut at chance.
sys.stdout.flush_interval = 600


def limit(stream, most=1_000_000):
    "Let a cell print so much, and then fail: no page can show more."
    write, left = stream.write, most

    def begin(*_):
        nonlocal left
        left = most

    def limited(text):
        nonlocal left
        left -= len(text)
        if left < 0:
            raise RuntimeError(f"this cell prints more than {most:,} characters")
        return write(text)

    stream.write = limited
    get_ipython().events.register("pre_run_cell", begin)


limit(sys.stdout)

for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning, RuntimeWarning):
    warnings.simplefilter("error", category)
# What the kernel itself does between the cells is not the chapter's.
for name in ("IPython", "ipykernel", "jupyter_client", "tornado", "traitlets", "zmq"):
    warnings.filterwarnings("ignore", module=name)
"""


def run_strictly(folder: Path) -> None:
    """Have the cells that run from now on treat warnings of these kinds as errors.

    Parameters
    ----------
    folder : Path
        Where the kernels' start-up file goes.
    """
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "strict.py").write_text(STRICT, encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(folder)


class RunFailedError(Exception):
    """A notebook that showed an error has no outputs worth keeping."""


def keep_outputs(folder: Path, surroundings: str) -> None:
    """Have notebooks whose cells have run before given the outputs of then.

    Parameters
    ----------
    folder : Path
        Where outputs are kept.
    surroundings : str
        A fingerprint of all that the cells may use: packages, settings, data.
    """
    execute = getattr(direct.single_nb_execution, "execute", direct.single_nb_execution)

    def run(notebook: NotebookNode, **options: Any) -> Any:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        written = [(cell.source, json.dumps(cell.metadata, sort_keys=True)) for cell in cells]
        result = SimpleNamespace(err=None, exc_string="", time=0.0)

        def run_cells() -> bytes:
            nonlocal result
            result = execute(notebook, **options)
            if result.err is not None:
                raise RunFailedError
            language = notebook.metadata.get("language_info", {})
            return json.dumps({"language": language, "cells": cells}).encode()

        with contextlib.suppress(RunFailedError):
            parts = (surroundings, notebook.metadata.get("kernelspec"), written)
            was = nbformat.from_dict(json.loads(kept(folder, parts, run_cells)))
            notebook.metadata["language_info"] = was.language
            for cell, then in zip(cells, was.cells, strict=True):
                cell.update(then, id=cell.id)
        return result

    run.execute = execute  # type: ignore[attr-defined]
    direct.single_nb_execution = run


def _keep_outputs(app: Sphinx) -> None:
    # A cell may use the packages, and read what lies beside the pages.
    apart = {Path(app.srcdir, name) for name in ("accepted", "_static", "_templates")}
    beside = [
        path
        for path in Path(app.srcdir).rglob("*")
        if path.is_file() and path.suffix != ".md" and not apart & set(path.parents)
    ]
    files = fingerprint([], [*map(Path, outputs.package_files()), *beside])
    keep_outputs(Path(app.doctreedir) / "kept", f"{app.config.made_with} {files}")


def _beside(app: Sphinx) -> set[Path]:
    return {path for path in Path(app.srcdir).rglob("*") if "__pycache__" not in path.parts}


def _note_files(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Note which files there are before the cells run."""
    app.files_before = _beside(app)  # type: ignore[attr-defined]


def _tell_new_files(app: Sphinx, env: BuildEnvironment) -> None:
    """Report files that have come since: the next build would take them for the book's own."""
    for path in sorted(_beside(app) - app.files_before):  # type: ignore[attr-defined]
        logger.warning(
            "%s: this file came while the cells ran; a cell that writes a file must write it into "
            "a temporary folder (if you have just saved it yourself, build again)",
            path,
            type="book",
            subtype="outputs",
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("book_build.freshness")  # it knows what the cells are run with
    talk_through_files()
    end_at_once()
    fail_in_the_cell()
    run_strictly(Path(app.doctreedir) / "ipython")
    app.connect("builder-inited", _keep_outputs)
    app.connect("env-before-read-docs", _note_files)
    app.connect("env-updated", _tell_new_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
