"""Kernels that start at once: each is a copy of a process that has imported what chapters need.

Importing IPython, NumPy and Matplotlib takes longer than most chapters run. So one process imports
them, beside Sphinx's own start, and waits at a socket. `Server.launch` asks it for a kernel: it
copies itself (``os.fork``), and the copy becomes the kernel. It ends when the build does. Only
Linux copies a process that has imported so much; elsewhere, kernels start the usual way.
"""

import functools
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from sphinx.application import Sphinx

PRELOADED = (
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "numpy",
)
COMMAND = ["-m", "ipykernel_launcher"]
"""How a kernel of this Python is started, after the name of the program."""


class Kernel:
    """A kernel that was asked for, as `subprocess.Popen` would show it.

    Parameters
    ----------
    line : socket
        A connection that the kernel holds open as long as it lives.
    """

    stdin = stdout = stderr = None
    returncode: int | None = None

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.pid = int(line.recv(32))

    def poll(self) -> int | None:
        """Tell whether it has ended: None while it runs."""
        if self.returncode is None and select.select([self.line], [], [], 0)[0]:
            self.line.close()
            self.returncode = 1
        return self.returncode

    def wait(self) -> int | None:
        """Wait until it has ended."""
        if self.returncode is None:
            select.select([self.line], [], [])
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class Server:
    """The process that is copied, seen from the build."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="book")
        address = str(Path(self.folder.name, "kernels"))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen()
        self.address = address
        # Its input ends when the build does, however that ends.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
        listener.close()

    def launch(self, command: list[str], **options: Any) -> Any:
        """Start a kernel; take the usual way for one that is not of this Python."""
        line = socket.socket(socket.AF_UNIX)
        if command[:3] != [sys.executable, *COMMAND] or line.connect_ex(self.address):
            from jupyter_client.launcher import launch_kernel

            line.close()
            return launch_kernel(command, **options)
        wanted = [command[2:], str(options.get("cwd") or Path.cwd()), dict(options["env"])]
        line.sendall(json.dumps(wanted).encode() + b"\n")
        return Kernel(line)


def become_kernel(line: socket.socket, request: IO[str]) -> None:
    """Turn this copy of the process into the kernel that was asked for."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.argv, folder, variables = json.loads(request.readline())
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    line.sendall(str(os.getpid()).encode())
    importlib.import_module("ipykernel.kernelapp").launch_new_instance()


def serve(listener: socket.socket) -> None:
    """Make a kernel for each connection, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build decides when this ends
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a kernel ended
    # A kernel ends when this process does, and draws into the page.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    for module in PRELOADED:
        importlib.import_module(module)
    while sys.stdin not in (ready := select.select([listener, sys.stdin], [], [])[0]):
        assert listener in ready
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            with line, line.makefile() as request:
                become_kernel(line, request)
            os._exit(0)
        line.close()


@functools.cache
def server() -> Server | None:
    """Start the process that is copied, once; nothing where kernels start the usual way."""
    return Server() if sys.platform == "linux" else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, as the first extension: importing the others takes as long."""
    if started := server():
        # Only now, since this import too takes its time.
        from jupyter_client.provisioning import local_provisioner

        local_provisioner.launch_kernel = started.launch  # type: ignore[assignment,attr-defined]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        serve(asked)
