import base64
import hashlib
import re

import pytest

from light_page.figures import description, inline, inline_figures
from light_page.icons import Icon, draw_icons, signs
from light_page.policy import policy, with_policy
from light_page.repairs import REPAIRS, repair
from light_page.scripts import tidy_scripts
from light_page.styles import moved, used_rules, words

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="150pt" height="75pt" viewBox="0 0 150 75">
 <metadata>who made it</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="figure_1">
  <defs><path id="tick" d="M 0 0 L 0 3.50000001" style="stroke: #0072b2"/></defs>
  <use xlink:href="#tick" x="80.366862"/>
  <path clip-path="url(#clip)" style="fill: none"/>
  <clipPath id="clip"><rect/></clipPath>
  <text style="font-size: 12px; font-family: 'DejaVu Sans'; text-anchor: middle">x</text>
 </g>
 <g id="description"><text style="opacity: 0">cost: 4 at 0, 0 at 1.</text></g>
</svg>
"""


def test_a_drawing_prints_its_numbers_as_they_are():
    drawing = inline(SVG.replace("</svg>", '<text x="3.14159">0.996</text></svg>'), "")
    assert '<text x="3.14">0.996</text>' in drawing


def test_a_drawing_says_what_the_author_and_the_run_say():
    assert description(SVG) == "cost: 4 at 0, 0 at 1."
    assert 'role="img" aria-label="A curve &lt; 5. cost: 4 at 0, 0 at 1."' in inline(
        SVG, "A curve < 5."
    )


def test_a_drawing_takes_colours_and_font_of_the_page():
    drawing = inline(SVG, "")
    assert "stroke: var(--drawing-0072b2, #0072b2)" in drawing
    assert "DejaVu" not in drawing
    assert "font-size: 12px; text-anchor: middle" in drawing
    assert "<style" not in drawing and "metadata" not in drawing


def test_names_in_two_drawings_do_not_meet():
    first, second = inline(SVG, ""), inline(SVG.replace("80.366862", "90"), "")
    names = [set(re.findall(r' id="([^"]*)"', drawing)) for drawing in (first, second)]
    assert not names[0] & names[1]
    for drawing, known in zip((first, second), names, strict=True):
        assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', drawing)) == known


def test_a_drawing_has_its_size_before_it_is_drawn():
    assert 'width="200" height="100"' in inline(SVG, "")


def test_images_from_elsewhere_stay_linked():
    page = '<img alt="a" src="_images/a.svg" class="hero"><img src="logo.svg">'
    drawn = inline_figures(page, {"_images/a.svg": SVG})
    assert drawn.endswith('<img src="logo.svg">')
    assert '<svg class="hero"' in drawn


def test_an_icon_keeps_what_the_theme_reads():
    icons = {("fas", "sun"): Icon(1, 1, "M0")}
    drawn = draw_icons(
        '<i class="theme-switch fa-solid fa-sun" data-mode="light" title="Light"></i>', icons
    )
    assert 'data-mode="light"' in drawn
    assert "title" not in drawn


def test_other_elements_are_no_icons():
    assert draw_icons('<i class="note"></i>', {}) == '<i class="note"></i>'


def test_signs_written_as_themselves_are_found():
    assert signs(["a { content: '\uf0c1' }"]) == {0xF0C1}


def test_each_inline_script_is_named_by_its_hash():
    script = "\n  go();\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = f'<meta charset="utf-8"><script data-x>{script}</script><script src="a.js"></script>'
    assert f"script-src 'self' 'sha256-{digest}';" in policy(page)
    assert with_policy(page).index("Content-Security-Policy") < page.index("<script") + 60


def test_data_needs_no_leave():
    assert policy('<script type="application/json">{}</script>') == policy("")


def test_code_in_attributes_is_named_too():
    allowed = policy("""<button onclick="go(&quot;a&quot;)">""")
    digest = base64.b64encode(hashlib.sha256(b'go("a")').digest()).decode()
    assert f"'unsafe-hashes' 'sha256-{digest}'" in allowed


def test_more_can_be_allowed():
    allowed = policy("", {"worker-src": ["'self'"], "script-src": ["'wasm-unsafe-eval'"]})
    assert "script-src 'self' 'wasm-unsafe-eval';" in allowed
    assert allowed.endswith("worker-src 'self'")


def test_the_script_that_chooses_the_theme_runs_at_once():
    page = "<script>theme()</script><script src='x'></script>"
    assert "<script>theme()</script>" in tidy_scripts(page, [])


@pytest.mark.parametrize(
    "script", ['<script async src="a.js"></script>', '<script type="text/x">a</script>']
)
def test_scripts_that_say_how_they_run_stay(script):
    assert tidy_scripts('<script src="b.js"></script>' + script, []).endswith(script)


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        (".a{top:0}", ".a{top:0}"),
        (".b{top:0}", ""),
        (".a.b{top:0}", ""),
        (".a,.b{top:0}", ".a{top:0}"),
        ("#c .a{top:0}", "#c .a{top:0}"),
        ("p:not(.b){top:0}", "p:not(.b){top:0}"),
        ("p:is(.b, .a:not(.d)){top:0}", "p:is(.b, .a:not(.d)){top:0}"),
        ('[href$=".b"]{top:0}', '[href$=".b"]{top:0}'),
        ("@media print{.b{top:0}}", ""),
        ("@media print{.a{top:0}}", "@media print{.a{top:0}}"),
        (":root{--x:1}", ":root{--x:1}"),
        ("@keyframes k{from{top:0}}", "@keyframes k{from{top:0}}"),
        ('@charset "utf-8";.a{top:0}', ".a{top:0}"),
    ],
)
def test_rules_that_can_match_stay(style, kept):
    assert used_rules(style, words('<p class="a" id="c">')) == kept


def test_addresses_of_other_kinds_do_not_move():
    style = "url(data:x) url(#y) url(https://example.org/z) url('../a.png')"
    assert moved(style, "s/t", "s") == style.replace("../a.png", "a.png")


def test_each_repair_has_its_reason():
    assert all(each.reason for each in REPAIRS)


def test_a_button_says_what_stands_on_it():
    button = '<button class="btn search-button-field" title="Search" aria-label="Search">'
    assert "aria-label" not in repair(button)
    assert repair('<button class="btn search-button" aria-label="Search">').count("aria-label") == 1


def test_a_fold_says_what_stands_on_it():
    fold = '<summary aria-label="Toggle hidden content">\n<p>Show code</p>\n</summary>'
    assert repair(fold) == "<summary>\n<p>Show code</p>\n</summary>"
