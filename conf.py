"""How Sphinx builds the book. Each line that is not Sphinx's default says why it is there."""

import calendar
import os
import sys
import tomllib
import urllib.parse
from pathlib import Path

from sphinx import addnodes

from backprop_figures.style import DARK
from live_exercises.supply import missing

project = "Understanding backpropagation"
author = "the authors of Understanding backpropagation"
# The year of this text, whenever it is built. Sphinx, and Matplotlib in the chapters' kernels, take
# this moment for the present one: the same source gives the same book.
YEAR = 2026
os.environ["SOURCE_DATE_EPOCH"] = str(calendar.timegm((YEAR, 1, 1, 0, 0, 0)))
copyright = f"{YEAR}, {author}"
language = "en"

with Path(__file__).with_name("pyproject.toml").open("rb") as file:
    about = tomllib.load(file)["project"]
version = about["version"]  # an e-book has to have one
repository = about["urls"]["Repository"]

extensions = [
    "book_build.forks",  # imports what kernels need while the others are imported
    "myst_nb",  # chapters are executed notebooks, written as text
    "sphinx.ext.autodoc",
    "numpydoc",  # the API reference comes from the docstrings
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinxcontrib.bibtex",
    "book_build.freshness",
    "book_build.front_matter",
    "book_build.bound",
    "book_build.outputs",
    "book_build.accepted",
    "book_build.randomness",
    "book_build.kernels",
    "book_build.listing",
    "book_build.notebooks",
    "checked_math.sphinx",  # every statement of mathematics is decided
    "book_build.counts",
    "book_build.report_links",
    "live_exercises.sphinx",
    "book_build.rules",
    "static_math.sphinx",
    "light_page.sphinx",
    "light_page.hosting",  # `_headers`: how long a browser keeps each file, and what it may do
    "sphinx.ext.githubpages",  # `.nojekyll`: GitHub Pages serves folders that begin with _
    "sphinxext.opengraph",  # descriptions and previews, from each page's first lines
    "notfound.extension",
]

# A chapter runs from a fresh kernel whenever it is read: a stored output is no evidence.
nb_execution_mode = "force"
nb_execution_timeout = 60
suppress_warnings = ["mystnb.exec"]  # says that a cell failed; `outputs` says which and how
nb_output_stderr = "error"  # a warning printed by a cell is a fault of the book
nb_code_prompt_show = "The code that draws this"  # folded, at figures
nb_code_prompt_hide = nb_code_prompt_show
# Chapter 4 builds these before the reader's eyes, and then compares them with the package's.
book_rules = {"built": ("multiply", "add", "apply", "topological_order", "backward")}
# Figures are drawings, not photographs: SVG stays sharp at every size.
nb_mime_priority_overrides = [("html", "image/svg+xml", 0)]

myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

numfig = True  # "Fig. 3" is a link that cannot point at nothing
math_number_all = False
numpydoc_show_class_members = False  # one page a module, each name once
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings give types and shapes
default_role = "py:obj"  # in docstrings `mse` is a link
nitpicky = False
bibtex_bibfiles = ["book/references.bib"]
bibtex_reference_style = "author_year"

html_theme = "sphinx_book_theme"
html_title = project
html_theme_options = {
    "repository_url": repository,
    "repository_branch": "main",
    "path_to_docs": "book",
    "use_edit_page_button": True,
    "use_repository_button": True,
    "use_issues_button": True,
    "show_toc_level": 2,
    "navbar_persistent": [],  # the search field stands at the left, once
}
report_links_repository = repository
epub_exclude_files = [".nojekyll"]  # is for a host of the site
html_copy_source = True
html_show_sourcelink = False  # the download button has it
html_domain_indices = False  # the API reference lists the modules, the index their contents
html_last_updated_fmt = None  # the same source gives the same page
# Cells and exercises run in the reader's browser, unless LIVE=0 asks for a book without that.
# Where the files for it are: in the environment that builds, where make has put them. A mirror of
# Pyodide's own release does as well. Where they could not be fetched, the book goes without them.
live_sources = os.environ.get("LIVE_SOURCES", str(Path(sys.prefix, "live"))).split(os.pathsep)
live = os.environ.get("LIVE", "1") != "0" and (
    "LIVE_SOURCES" in os.environ or not missing([Path(source) for source in live_sources])
)
copybutton_exclude = ".linenos, .gp, .go"
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is

# The page. Where the site will stand is known to who publishes it: BOOK_URL=https://... make html
html_baseurl = os.environ.get("BOOK_URL", "")
html_static_path = ["book/_static"]
html_css_files = ["book.css"]
html_favicon = "book/_static/favicon.svg"
templates_path = ["book/_templates"]
if html_baseurl:  # a map of the site needs its address
    extensions.append("sphinx_sitemap")
ogp_site_url = html_baseurl
ogp_enable_meta_description = True
ogp_social_cards = {"enable": False}  # a picture of each page's title would tell nothing more
sitemap_url_scheme = "{link}"
sitemap_excludes = ["search.html", "404.html", "genindex.html"]
notfound_urls_prefix = urllib.parse.urlsplit(html_baseurl).path.rstrip("/") + "/"
notfound_context = {
    "title": "Page not found",
    "body": "<h1>Page not found</h1><p>This book has no page of that name. "
    f'<a href="{notfound_urls_prefix}index.html">The cover</a> has the chapters.</p>',
}
light_page_figures = DARK  # the figures' colours on a dark page

# Exercises run in a worker that the page makes and that its policy binds. Pyodide is WebAssembly.
light_page_policy = {"script-src": ["'wasm-unsafe-eval'"], "worker-src": ["'self'", "blob:"]}

linkcheck_timeout = 15
linkcheck_retries = 2


def setup(app):
    """Keep the index out of the list of pages that builders of one file put together."""
    app.connect(
        "doctree-read",
        lambda app, doctree: [
            toctree["includefiles"].remove("genindex")
            for toctree in doctree.findall(addnodes.toctree)
            if "genindex" in toctree["includefiles"]
        ],
    )
