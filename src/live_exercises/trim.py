"""What a reader's browser need not fetch: the parts of archives that no chapter ever imports.

An archive is verified first, as its publisher made it, and then goes to the site without these
parts. What stays is copied as it is, compressed as it was.
"""

import io
from collections.abc import Sequence
from fnmatch import fnmatchcase
from zipfile import ZipFile

LEFT_OUT: dict[str, tuple[str, ...]] = {
    # Compilers' and type checkers' files, tests, and transforms that no network here uses.
    "numpy-*": (
        *("*.pyi", "*.pxd", "*.a", "*.h", "*.in", "*.md", "*.rst", "*.f2py*"),
        *(
            "numpy/f2py/*",
            "numpy/doc/*",
            "numpy/_core/_[orsu]*_tests.*",
            "numpy/random/_examples/*",
        ),
        *("numpy/core/include/*", "numpy/_core/include/*", "numpy/_core/lib/*"),
        *("numpy/linalg/lapack_lite.*", "numpy/ma/test*", "numpy/ma/timer*", "numpy/distutils/*"),
    ),
    # What a browser has no use for: other processes, servers, mail, debuggers, old encodings.
    "python_stdlib.zip": (
        *("multiprocessing/*", "xmlrpc/*", "wsgiref/*", "xml/*", "lib2to3/*", "ensurepip/*"),
        *(
            "http/server.py",
            "http/cookie*",
            "http/client.py",
            "urllib/request.py",
            "socketserver.py",
        ),
        *("imaplib.py", "nntplib.py", "mailbox.py", "smtplib.py", "poplib.py", "ftplib.py"),
        *("telnetlib.py", "cgi*.py", "mimetypes.py", "netrc.py", "plistlib.py", "xdrlib.py"),
        *("aifc.py", "sunau.py", "wave.py", "sndhdr.py", "imghdr.py", "chunk.py", "uu.py"),
        *("pdb.py", "bdb.py", "cmd.py", "doctest.py", "profile.py", "cProfile.py", "pstats.py"),
        *("trace.py", "tabnanny.py", "pyclbr.py", "modulefinder.py", "compileall.py"),
        *("pickletools.py", "_pyio.py", "_pydatetime.py", "optparse.py", "configparser.py"),
        *("logging/handlers.py", "logging/config.py", "unittest/mock.py", "venv/*", "idlelib/*"),
        *("asyncio/windows*", "asyncio/proactor*", "concurrent/futures/process.py", "zoneinfo/*"),
        *(
            "ctypes/_aix.py",
            "ctypes/macholib/*",
            "_aix_support.py",
            "_osx_support.py",
            "_pylong.py",
        ),
        *("encodings/cp[1-9]*", "encodings/mac_*", "encodings/iso*", "encodings/koi8*"),
        *("encodings/kz*", "encodings/ptcp*", "encodings/palmos*", "encodings/hp_*"),
        *("encodings/big5*", "encodings/euc*", "encodings/gb*", "encodings/shift*"),
        *("encodings/johab*", "encodings/hz*", "encodings/tis*", "encodings/utf_7*"),
        *("email/_header_value_parser.py", "email/headerregistry.py", "html/parser.py"),
    ),
}
"""Names in the archives, by the names of these."""

KEPT = ("encodings/cp437.py", "encodings/cp1252.py")
"""What a pattern of `LEFT_OUT` would catch and is needed: the encoding of names in archives."""


def is_left_out(name: str, patterns: Sequence[str]) -> bool:
    """Whether a file of an archive stays behind.

    Examples
    --------
    >>> patterns = LEFT_OUT["python_stdlib.zip"]
    >>> [is_left_out(name, patterns) for name in ("pdb.py", "statistics.py", "encodings/cp437.py")]
    [True, False, False]
    """
    return name not in KEPT and any(fnmatchcase(name, pattern) for pattern in patterns)


def trimmed(name: str, content: bytes) -> bytes:
    """Give a file as the site serves it.

    Parameters
    ----------
    name : str
        The file's name.
    content : bytes
        What its publisher made.

    Returns
    -------
    bytes
        An archive without what is left out of it; every other file as it is. The same content gives
        the same bytes.

    Examples
    --------
    >>> trimmed("index.js", b"export {}")
    b'export {}'
    """
    patterns = [more for pattern, more in LEFT_OUT.items() if fnmatchcase(name, pattern)]
    if not patterns:
        return content
    result = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as archive, ZipFile(result, "w") as target:
        for info in archive.infolist():
            if is_left_out(info.filename, patterns[0]):
                continue
            # The compressed bytes follow a header of 30 bytes, a name and extras.
            header = content[info.header_offset :][:30]
            lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(
                header[28:], "little"
            )
            start = info.header_offset + 30 + lengths
            info.flag_bits &= ~0x08  # sizes stand in the header, not behind the content
            info.extra = b""
            info.header_offset = result.tell()
            result.write(info.FileHeader(zip64=False))
            result.write(content[start : start + info.compress_size])
            target.filelist.append(info)
            target.NameToInfo[info.filename] = info
            target.start_dir = result.tell()
            target._didModify = True  # type: ignore[attr-defined]
    return result.getvalue()
