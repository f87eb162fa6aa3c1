"""The site on this machine, packed as a server on the web packs it."""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

PACKED = {".html", ".css", ".js", ".svg", ".json", ".xml", ".txt"}


@functools.cache
def _packed(path: Path, changed: float) -> bytes:
    # `changed` is a part of the key: a site that is built again is read again.
    return gzip.compress(path.read_bytes(), 9, mtime=0)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, packed where they are text."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file of the site, or with its page for what does not exist."""
        path = Path(self.translate_path(self.path))
        status = 200
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            path, status = Path(str(self.directory)) / "404.html", 404
            if not path.is_file():
                self.send_error(404)
                return
        packed = path.suffix in PACKED
        body = _packed(path, path.stat().st_mtime) if packed else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """Answer until the browser has enough, which it may have at any time."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the table says what was found."""


@contextlib.contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a site on a free port of this machine while the block runs.

    Parameters
    ----------
    site : Path
        The folder with the site's pages.

    Yields
    ------
    str
        The address of the site, without a slash at its end.
    """
    handler = functools.partial(Handler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
