"""Whatever was edited, broken off or checked out before: a book that passes equals a clean build.

A walk takes random steps through a small book that is built with the book's own settings. Each step
changes something, or breaks a build off. After each build that passes, every byte of the result is
compared with what a clean build of the same sources gives. ``make walk STEPS=200`` walks further.
"""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
STEPS = int(os.environ.get("STEPS", "4"))
SEED = int(os.environ.get("SEED", "1"))

CONF = """
# The settings of the real book, but for what a person must accept.
extensions = [name for name in extensions if name not in {"book_build.accepted", "book_build.rules"}]
"""
INDEX = """\
# A small book

It has [a chapter](chapter.md).

```{toctree}
chapter
glossary
other
api
```
"""
CHAPTER = """\
---
file_format: mystnb
kernelspec:
  name: python3
---
# A chapter

A {term}`word`, and $1 + 1 = 2$. See {ref}`the other page <other>`.

```{code-cell} python
from backprop.cost import mse
import matplotlib.pyplot as plt

print(mse([1.0, 2.0], [1.0, 3.0]))
```

```{code-cell} python
figure, axes = plt.subplots()
axes.plot([0, 1], [0, 3])
figure
```

```{listing} backprop.cost.mse
```
"""
API = "# Reference\n\n```{eval-rst}\n.. automodule:: backprop.cost\n   :members:\n```\n"
GLOSSARY = "# Glossary\n\n```{glossary}\nword\n  A thing that is said.\n```\n"
OTHER = "(other)=\n# Another page\n\nIts text stands here.\n"


class Book:
    """A small book in a repository of its own, with the code that builds it."""

    def __init__(self, root: Path, rng: random.Random) -> None:
        self.root, self.rng = root, rng
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / "src", root / "src", ignore=ignored)
        for folder in ("_static", "_templates"):
            shutil.copytree(ROOT / "book" / folder, root / "book" / folder)
        shutil.copy(ROOT / "pyproject.toml", root)
        for name in ("references.bib", "counts.toml"):
            shutil.copy(ROOT / "book" / name, root / "book")
        (root / "conf.py").write_text((ROOT / "conf.py").read_text("utf-8") + CONF, "utf-8")
        for name, text in {
            "index": INDEX, "chapter": CHAPTER, "glossary": GLOSSARY, "other": OTHER, "api": API,
        }.items():  # fmt: skip
            self.page(name).write_text(text, "utf-8")
        self.version(1)
        self.count = 0
        self.git("init", "--quiet")
        self.commit()

    def page(self, name: str) -> Path:
        return self.root / "book" / f"{name}.md"

    def version(self, number: int) -> None:
        """Pretend that a package is installed in this version."""
        folder = self.root / "src/pretended-0.dist-info"
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: pretended\nVersion: {number}\n", "utf-8"
        )

    def git(self, *arguments: str) -> str:
        settings = ["-c", "user.name=walk", "-c", "user.email=walk@example.org"]
        command = ["git", *settings, *arguments]
        return subprocess.run(
            command, cwd=self.root, check=True, capture_output=True, text=True
        ).stdout

    def commit(self) -> None:
        self.git("add", "book", "src", "conf.py")
        self.git("commit", "--quiet", "--allow-empty", "--message", "step")

    def start(self, folder: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src"), "LIVE": "0"}
        # A session of its own: what is killed is the build with all its helpers.
        return subprocess.Popen(
            [sys.executable, "-m", "book_build.build", "book", folder],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def build(self, folder: str = "_build") -> tuple[int, str]:
        process = self.start(folder)
        told = process.communicate()[0]
        return process.returncode, told

    def files(self, folder: str) -> dict[str, str]:
        built = self.root / folder / "html"
        return {
            path.relative_to(built).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(built.rglob("*"))
            if path.is_file()
        }

    # The steps. Each gives what it did; a name that begins with `break` leaves a fault.

    def edit_text(self) -> str:
        page = self.rng.choice(sorted((self.root / "book").glob("*.md")))
        self.count += 1
        page.write_text(page.read_text("utf-8") + f"\nSentence {self.count}.\n", "utf-8")
        return page.stem

    def edit_title(self) -> str:
        page = self.rng.choice(sorted((self.root / "book").glob("*.md")))
        self.count += 1
        lines = page.read_text("utf-8").splitlines(keepends=True)
        place = next(place for place, line in enumerate(lines) if line.startswith("# "))
        lines[place] = f"{lines[place].split(' no. ')[0].rstrip()} no. {self.count}\n"
        page.write_text("".join(lines), "utf-8")
        return page.stem

    def edit_and_date_back(self) -> str:
        name = self.edit_title()
        long_ago = time.time() - 172_800
        os.utime(self.page(name), (long_ago, long_ago))
        return name

    def edit_glossary(self) -> str:
        page = self.page("glossary")
        self.count += 1
        term = f"term{self.count}\n  Its meaning.\n\n"
        page.write_text(GLOSSARY.replace("word\n", term + "word\n", 1), "utf-8")
        return term.splitlines()[0]

    def edit_figure(self) -> str:
        page = self.page("chapter")
        self.count += 1
        text = page.read_text("utf-8")
        before, _, rest = text.partition("axes.plot(")
        page.write_text(f"{before}axes.plot([0, 1], [0, {self.count}]){rest.partition(')')[2]}")
        return str(self.count)

    def edit_package(self) -> str:
        file = self.root / "src/backprop/cost.py"
        self.count += 1
        text = file.read_text("utf-8").partition("\n# Note ")[0]
        file.write_text(f"{text}\n# Note {self.count}\n", "utf-8")
        return str(self.count)

    def edit_listed_code(self) -> str:
        file = self.root / "src/backprop/cost.py"
        text = file.read_text("utf-8")
        new = "np.mean((p - y) ** 2)", "np.mean(np.square(p - y))"
        old, put = new if new[0] in text else new[::-1]
        file.write_text(text.replace(old, put), "utf-8")
        return put

    def edit_tool(self) -> str:
        file = self.root / "src/book_build/listing.py"
        self.count += 1
        file.write_text(file.read_text("utf-8") + f"# {self.count}\n", "utf-8")
        return str(self.count)

    def edit_lock(self) -> str:
        self.count += 1
        self.version(self.count)
        return str(self.count)

    def add_page(self) -> str:
        self.count += 1
        self.page(f"more{self.count}").write_text(f"# More {self.count}\n\nText.\n", "utf-8")
        index = self.page("index")
        index.write_text(
            index.read_text("utf-8").replace("other\n", f"other\nmore{self.count}\n", 1), "utf-8"
        )
        return str(self.count)

    def remove_page(self) -> str:
        pages = sorted((self.root / "book").glob("more*.md"))
        if not pages:
            return self.add_page()
        page = self.rng.choice(pages)
        page.unlink()
        index = self.page("index")
        index.write_text(index.read_text("utf-8").replace(f"{page.stem}\n", "", 1), "utf-8")
        return page.stem

    def rename_page(self) -> str:
        pages = sorted((self.root / "book").glob("more*.md"))
        if not pages:
            return self.add_page()
        page = self.rng.choice(pages)
        self.count += 1
        page.rename(self.page(f"more{self.count}"))
        index = self.page("index")
        index.write_text(
            index.read_text("utf-8").replace(f"{page.stem}\n", f"more{self.count}\n", 1), "utf-8"
        )
        return f"{page.stem} to more{self.count}"

    def check_out(self) -> str:
        self.commit()
        commit = self.rng.choice(self.git("log", "--all", "--format=%H").split())
        self.git("checkout", "--quiet", "--force", commit)
        return commit[:8]

    def spoil_result(self) -> str:
        files = [path for path in (self.root / "_build/html").rglob("*.html") if path.is_file()]
        if not files:
            return "nothing there"
        file = self.rng.choice(sorted(files))
        if self.rng.random() < 0.5:
            file.unlink()
        else:
            file.write_text("spoiled", "utf-8")
        return file.name

    def nothing(self) -> str:
        return ""

    def break_and_mend(self) -> str:
        page = self.page("other")
        text = page.read_text("utf-8")
        page.write_text(text + "\n{ref}`nowhere`\n", "utf-8")
        for _ in range(2):
            status, told = self.build()
            assert status == 1
            assert "book/other.md:" in told
            assert "undefined label: 'nowhere'" in told
        page.write_text(text, "utf-8")
        if self.rng.random() < 0.5:  # as a copy from a backup would be
            long_ago = time.time() - 172_800
            os.utime(page, (long_ago, long_ago))
        return page.stem

    def break_off(self) -> str:
        what = self.rng.choice([self.edit_text, self.edit_figure, self.edit_title])()
        if self.rng.random() < 0.3:
            shutil.rmtree(self.root / "_build", ignore_errors=True)
        moment = self.rng.uniform(0.2, 9)
        process = self.start("_build")
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, self.rng.choice([signal.SIGKILL, signal.SIGINT]))
            process.communicate()
        if self.rng.random() < 0.3:
            self.git("checkout", "--quiet", "--force", ".")
        return f"{what}, after {moment:.1f} s"

    def two_at_once(self) -> str:
        what = self.edit_text()
        both = [self.start("_build"), self.start("_build")]
        for process in both:
            told = process.communicate()[0]
            assert process.returncode == 0, told
        return what


STEPS_TO_TAKE = [
    getattr(Book, name)
    for name in (
        "edit_text", "edit_title", "edit_and_date_back", "edit_glossary", "edit_figure",
        "edit_package", "edit_listed_code", "edit_tool", "edit_lock", "add_page", "remove_page",
        "rename_page", "check_out", "spoil_result", "nothing", "break_and_mend", "break_off",
        "break_off", "two_at_once",
    )
]  # fmt: skip


def test_every_book_that_passes_equals_a_clean_build(tmp_path):
    rng = random.Random(SEED)
    book = Book(tmp_path, rng)
    history = []
    for number in range(STEPS):
        step = rng.choice(STEPS_TO_TAKE) if number else Book.nothing
        history.append(f"{number}: {step.__name__}")
        history[-1] += f" ({step(book)})"
        status, told = book.build()
        assert status == 0, "\n".join([*history, told])
        shutil.rmtree(tmp_path / "_clean", ignore_errors=True)
        status, told = book.build("_clean")
        assert status == 0, "\n".join([*history, told])
        found, wanted = book.files("_build"), book.files("_clean")
        differ = sorted(
            name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)
        )
        assert differ == [], "\n".join([*history, f"differ: {differ}"])
        if STEPS > 10:
            print(history[-1], flush=True)
            book.commit()
