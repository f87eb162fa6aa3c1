"""Compare a figure with the one that a person has accepted, and show both side by side.

For each figure that differs, `show` writes three pictures and a piece of HTML below
``_build/accept/CHAPTER``. When all chapters are read, `write_page` puts the pieces together.
"""

import html
import io
import shutil
from pathlib import Path

import matplotlib as mpl
import matplotlib.image
import numpy as np
from matplotlib.testing.compare import calculate_rms
from numpy.typing import NDArray

PICTURE_TOLERANCE = 1.0
"""Root mean square difference, of 255, up to which two pictures count as the same."""
SIZE_TOLERANCE = 2
"""Rows or columns by which versions of Matplotlib may differ in cutting a picture out."""
SEEN = 16
"""Difference, of 255, from which a point counts as another."""
RED = (208, 0, 0)

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figures that differ from the accepted ones</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; }}
body {{ padding: 0 1rem; }}
section {{ border-top: 1px solid; margin-top: 2rem; }}
div {{ display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); }}
figure {{ margin: 0; }}
img {{ background: white; border: 1px solid gray; box-sizing: border-box; width: 100%; }}
</style>
<h1>Figures that differ from the accepted ones</h1>
<p>Red marks the points that are not the same. Where a new figure is right, accept it with
<code>make accept CELL=</code> and its label; <code>make accept</code> accepts all that differs.</p>
{pieces}
</html>
"""
PIECE = """\
<section>
<h2>{label}</h2>
<p>{place}: {told}</p>
<div>
{figures}</div>
</section>
"""
FIGURE = '<figure><img src="{source}" alt="{caption}"><figcaption>{caption}</figcaption></figure>\n'


def picture_difference(found: bytes, accepted: Path) -> str | None:
    """How a picture differs from the accepted one.

    Parameters
    ----------
    found : bytes
        The picture, as PNG.
    accepted : Path
        The file of the accepted picture, which need not exist.

    Returns
    -------
    str or None
        The difference in words; None where the two are the same to the eye.
    """
    place = f"{accepted.parent.parent.name}/{accepted.parent.name}/{accepted.name}"
    if not accepted.exists():
        return f"this figure has no accepted picture yet ({place})"
    new, old = pixels(found), pixels(accepted.read_bytes())
    if np.abs(np.subtract(new.shape, old.shape)).max() > SIZE_TOLERANCE:
        sizes = f"{new.shape[1]} by {new.shape[0]}, not {old.shape[1]} by {old.shape[0]}"
        return f"the figure is not the accepted one ({place}): it is {sizes} points large"
    height, width = np.minimum(new.shape, old.shape)[:2]
    new, old = new[:height, :width], old[:height, :width]
    if calculate_rms(old, new) <= PICTURE_TOLERANCE:
        return None
    share = 100 * _differing(new, old).mean()
    return f"the figure is not the accepted one ({place}): {share:.2g} % of its points differ"


def pixels(png: bytes) -> NDArray[np.float64]:
    """Colours of a picture, from 0 to 255, in front of white."""
    read = mpl.image.imread(io.BytesIO(png), format="png")
    opacity = read[..., 3:]
    return np.asarray(255 * (read[..., :3] * opacity + 1 - opacity), dtype=np.float64)


def _differing(new: NDArray[np.float64], old: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Points of two pictures of one size that are not the same."""
    return np.asarray(np.abs(new - old).max(axis=-1) > SEEN)


def _padded(picture: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Put a picture at the upper left of a white one."""
    rows, columns = height - picture.shape[0], width - picture.shape[1]
    return np.pad(picture, ((0, rows), (0, columns), (0, 0)), constant_values=255)


def show(folder: Path, label: str, found: bytes, accepted: Path, place: str, told: str) -> None:
    """Write what the page of differences says of one figure.

    Parameters
    ----------
    folder : Path
        The folder of the figure's chapter, below that of the page.
    label : str
        The name of the figure.
    found : bytes
        The picture, as PNG.
    accepted : Path
        The file of the accepted picture, which need not exist.
    place, told : str
        Where the figure stands, and how it differs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"new": found}
    if accepted.exists():
        new, old = pixels(found), pixels(accepted.read_bytes())
        height, width = np.maximum(new.shape, old.shape)[:2]
        new, old = _padded(new, height, width), _padded(old, height, width)
        faded = 255 - (255 - new.mean(axis=-1, keepdims=True).repeat(3, axis=-1)) / 4
        faded[_differing(new, old)] = RED
        buffer = io.BytesIO()
        mpl.image.imsave(buffer, faded.astype(np.uint8), format="png")
        pictures = {
            "old": accepted.read_bytes(),
            "new": found,
            "difference": buffer.getvalue(),
        }
    figures = ""
    for caption, picture in pictures.items():
        (folder / f"{label}-{caption}.png").write_bytes(picture)
        source = f"{folder.name}/{label}-{caption}.png"
        figures += FIGURE.format(source=html.escape(source), caption=caption)
    words = {"label": label, "place": place, "told": told}
    escaped = {name: html.escape(text) for name, text in words.items()}
    piece = PIECE.format(figures=figures, **escaped)
    (folder / f"{label}.html").write_text(piece, encoding="utf-8")


def write_page(folder: Path) -> None:
    """Put together what `show` wrote of all figures; where none differs there is no page.

    Parameters
    ----------
    folder : Path
        Where the page goes.
    """
    pieces = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*/*.html")))
    if pieces:
        (folder / "index.html").write_text(PAGE.format(pieces=pieces), encoding="utf-8")
    else:
        shutil.rmtree(folder, ignore_errors=True)
