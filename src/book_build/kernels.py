"""How the kernels that run the chapters are started.

The build talks to each kernel over a socket. Newer versions of Jupyter's client can encrypt that
talk, and the kernel warns in every build where it is not encrypted. So it is.

A kernel is ended when its last cell is done: it has nothing to keep. Asked to end by itself, one in
ten is still there after three seconds.

And a chapter is run strictly: a deprecated call or a dubious number in a cell is an error, and the
same chapter gives the same outputs at every run.
"""

import os
from pathlib import Path
from typing import Any

from jupyter_client.connect import ConnectionFileMixin
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from sphinx.application import Sphinx


def encrypt_transport() -> bool:
    """Have every kernel manager encrypt what it sends, where this version can.

    Returns
    -------
    bool
        Whether it can.

    Examples
    --------
    >>> able = encrypt_transport()
    >>> getattr(KernelManager(), "transport_encryption", "auto") == "auto"
    True
    """
    for owner in (KernelManager, ConnectionFileMixin):
        trait = owner.class_traits().get("transport_encryption")
        if trait is not None:
            trait.default_value = "auto"
            return True
    return False


def end_at_once() -> None:
    """Have every kernel that runs a notebook ended when its last cell is done.

    Examples
    --------
    >>> end_at_once()
    >>> NotebookClient({"cells": []}).shutdown_kernel
    'immediate'
    """
    NotebookClient.class_traits()["shutdown_kernel"].default_value = "immediate"


STRICT = """\
import sys
import warnings

# What a cell prints is sent once, at its end: not in pieces that are cut at chance.
sys.stdout.flush_interval = 600

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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    encrypt_transport()
    end_at_once()
    run_strictly(Path(app.doctreedir) / "ipython")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
