"""An archive goes to the site without what no chapter imports, and is a whole archive still."""

import io
import zipfile

import pytest

from live_exercises.trim import trimmed

FILES = {
    "statistics.py": b"mean = sum",
    "pdb.py": b"debugger",
    "xml/dom/minidom.py": b"tree",
    "encodings/cp437.py": b"kept",
    "encodings/cp850.py": b"not kept",
    "encodings/utf_8.py": b"x" * 5000,
}


class Stream(io.BytesIO):
    """Cannot go back: the sizes in an archive then stand behind each file."""

    def tell(self):
        raise OSError


@pytest.fixture(params=["written at once", "written as a stream"])
def archive(request):
    content = Stream() if request.param == "written as a stream" else io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in FILES.items():
            target.writestr(name, text)
    return content.getvalue()


def test_what_stays_is_as_it_was(archive):
    with zipfile.ZipFile(io.BytesIO(trimmed("python_stdlib.zip", archive))) as left:
        assert left.testzip() is None
        assert {name: left.read(name) for name in left.namelist()} == {
            name: text
            for name, text in FILES.items()
            if name not in ("pdb.py", "xml/dom/minidom.py", "encodings/cp850.py")
        }


def test_other_archives_are_left_alone(archive):
    assert trimmed("six-1.16.0-py2.py3-none-any.whl", archive) == archive


def test_the_same_content_gives_the_same_bytes(archive):
    first = trimmed("python_stdlib.zip", archive)
    assert trimmed("python_stdlib.zip", archive) == first
