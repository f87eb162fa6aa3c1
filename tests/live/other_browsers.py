"""Firefox and WebKit, driven by what each of them speaks itself: no driver has to be installed.

A test needs only to open a page and to run a script in it. The packages that can do more bring two
dozen others along.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 120
"""Seconds to wait for a browser's answer."""

Browser = Callable[[str, str], Any]
"""Opens an address, runs a script in it, and gives what the script hands to its last argument."""


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(*command: str, **environment: str) -> Iterator[None]:
    """Run a program for the time of a block."""
    quiet = subprocess.DEVNULL
    env = {**os.environ, **environment}
    with subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet) as program:
        try:
            yield
        finally:
            program.kill()


def persistently(attempt: Callable[[], Any]) -> Any:
    """Try until a program that has just been started answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@contextmanager
def firefox() -> Iterator[Browser]:
    """Firefox, by its own protocol (Marionette): a length, a colon, and a list as JSON."""
    program = shutil.which("firefox-esr") or shutil.which("firefox") or ""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(f'user_pref("marionette.port", {port});\n', "utf-8")
        with running(program, "--headless", "--marionette", "--no-remote", "--profile", profile):
            link = persistently(lambda: socket.create_connection(("127.0.0.1", port), PATIENCE))

            def hear() -> Any:
                length = b""
                while (byte := link.recv(1)) != b":":
                    length += byte
                text = b""
                while len(text) < int(length):
                    text += link.recv(int(length) - len(text))
                return json.loads(text)

            def command(name: str, **parameters: Any) -> Any:
                text = json.dumps([0, 1, f"WebDriver:{name}", parameters])
                link.sendall(f"{len(text.encode())}:{text}".encode())
                _, _, error, result = hear()
                assert error is None, error
                return result

            hear()  # says who it is
            command("NewSession")
            command("SetTimeouts", script=PATIENCE * 1000, pageLoad=PATIENCE * 1000)

            def browser(address: str, script: str) -> Any:
                command("Navigate", url=address)
                return command("ExecuteAsyncScript", script=script, args=[])["value"]

            with link:
                yield browser


@contextmanager
def webkit() -> Iterator[Browser]:
    """WebKitGTK, by the driver that comes with it, on a screen that nobody sees."""
    display, port = f":{free_port() % 10_000 + 100}", free_port()
    screen = ("-screen", "0", "1200x900x24")
    with (
        running("Xvfb", display, *screen),
        # Its sandbox needs leave of the system that a container does not give.
        running(
            "WebKitWebDriver",
            f"--port={port}",
            DISPLAY=display,
            WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1",
        ),
    ):

        def command(path: str, **parameters: Any) -> Any:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/session{path}", json.dumps(parameters).encode()
            )
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]

        session = persistently(lambda: command("", capabilities={"alwaysMatch": {}}))
        here = f"/{session['sessionId']}"
        command(f"{here}/timeouts", script=PATIENCE * 1000, pageLoad=PATIENCE * 1000)

        def browser(address: str, script: str) -> Any:
            command(f"{here}/url", url=address)
            return command(f"{here}/execute/async", script=script, args=[])

        yield browser


BROWSERS = {
    "firefox": (firefox, [("firefox-esr", "firefox")]),
    "webkit": (webkit, [("WebKitWebDriver",), ("Xvfb",)]),
}
"""Each browser, and the programs that it needs, each by one of its names."""
