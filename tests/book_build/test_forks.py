"""Kernels are copies of a process that is ready, and end when the build does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from book_build import forks
from book_build.kernels import LocalKernelManager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies a process")


@pytest.fixture
def server(monkeypatch):
    """A process to copy, which `jupyter_client` asks for kernels."""
    from jupyter_client.provisioning import local_provisioner

    made = forks.Server()
    monkeypatch.setattr(local_provisioner, "launch_kernel", made.launch)
    yield made
    made.process.stdin.close()
    made.process.wait()
    made.folder.cleanup()


def run(*cells):
    """Run cells in one kernel; give what each prints."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_manager_class=LocalKernelManager, timeout=30).execute()
    return ["".join(out.get("text", "") for out in cell.outputs) for cell in notebook.cells]


def test_a_kernel_is_a_copy_with_a_name_space_of_its_own(server):
    parent = "import os, sys\nprint(os.getppid(), 'matplotlib' in sys.modules)\nmine = 1"
    assert run(parent) == [f"{server.process.pid} True\n"]
    assert run("print('mine' in globals(), __name__)") == ["False __main__\n"]


def test_a_figure_is_drawn_into_the_page(server):
    notebook = new_notebook(
        cells=[new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")]
    )
    NotebookClient(notebook, kernel_manager_class=LocalKernelManager).execute()
    assert [list(out.data) for out in notebook.cells[0].outputs] == [["text/plain", "image/png"]]


def test_a_kernel_that_ends_is_noticed(server):
    # The second where `fail_in_the_cell` has been called before.
    with pytest.raises((DeadKernelError, CellExecutionError)):
        run("import os\nos._exit(3)")


def test_a_kernel_has_the_variables_and_the_folder_of_the_build(server, monkeypatch, tmp_path):
    monkeypatch.setenv("SOME_SETTING", "here")
    monkeypatch.chdir(tmp_path)
    told = run("import os\nprint(os.environ['SOME_SETTING'], os.getcwd())")
    assert told == [f"here {tmp_path}\n"]


def test_programs_that_a_cell_runs_are_waited_for(server):
    told = run("import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'exit(3)']))")
    assert "returncode=3" in told[0]


def test_without_that_process_kernels_start_the_usual_way(server):
    server.process.kill()
    server.process.wait()
    assert run("import os\nprint(os.getppid())") == [f"{os.getpid()}\n"]


def test_it_ends_with_a_build_that_is_killed():
    code = (
        "from book_build import forks\nimport time\n"
        "print(forks.server().process.pid, flush=True)\ntime.sleep(60)"
    )
    build = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with build:
        pid = int(build.stdout.readline())
        build.send_signal(signal.SIGKILL)
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    pytest.fail("it still runs")
