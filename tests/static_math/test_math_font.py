import io

import pytest
from fontTools.ttLib import TTFont

from static_math.font import characters, cut, stix_two, subset
from static_math.kept import MOST, kept
from static_math.latex import to_mathml


def opened(data):
    return TTFont(io.BytesIO(data))


def test_letters_are_drawn_as_their_italics_too():
    assert characters(to_mathml(r"\sigma + W + h")) >= set("\u03c3Wh+\U0001d70e\U0001d44a\u210e")


def test_neither_the_annotation_nor_the_text_around_counts():
    assert not characters(f"<p>q</p>{to_mathml('x')}") & set("q\\")
    assert "a" not in characters(to_mathml(r"\Delta"))


@pytest.mark.parametrize("latex", [r"\sqrt{x}", r"\sqrt[3]{x}"])
def test_a_root_brings_its_sign_in_every_size(latex):
    font = opened(subset(stix_two(), characters(to_mathml(latex))))
    variants = font["MATH"].table.MathVariants
    sizes = dict(
        zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True)
    )
    radical = sizes[font.getBestCmap()[ord("\N{SQUARE ROOT}")]]
    assert len(radical.MathGlyphVariantRecord) > 2
    assert radical.GlyphAssembly is not None
    assert "\N{SQUARE ROOT}" not in characters(to_mathml("x"))


def test_brackets_and_sums_keep_the_forms_they_grow_into():
    table = opened(subset(stix_two(), "[∑"))["MATH"].table
    grown = table.MathVariants.VertGlyphConstruction
    assert sorted(len(each.MathGlyphVariantRecord) for each in grown)[-2:] >= [2, 10]


def test_the_same_characters_give_the_same_bytes():
    assert subset(stix_two(), "xy") == subset(stix_two(), {"y", "x"})


def test_a_subset_is_small_and_says_whose_it_is():
    font = subset(stix_two(), "x+y=0")
    assert len(font) < 25_000
    assert "Copyright" in str(opened(font)["name"].getDebugName(0))


def test_what_the_font_lacks_is_named():
    with pytest.raises(LookupError, match="has no '語'"):
        subset(stix_two(), "x語")
    assert len(cut(stix_two(), {ord("x"), ord("語")})) > 0


def test_invisible_operators_need_no_glyph():
    assert subset(stix_two(), "f\N{FUNCTION APPLICATION}x")


def test_a_prime_has_the_form_that_is_made_for_exponents():
    with TTFont(stix_two()) as whole:
        plain = whole["hmtx"][whole.getBestCmap()[ord("\N{PRIME}")]]
        exponent = whole["hmtx"]["minute.ssty"]
    font = opened(subset(stix_two(), "f\N{PRIME}"))
    assert font["hmtx"][font.getBestCmap()[ord("\N{PRIME}")]] == exponent != plain


def test_a_folder_keeps_the_latest_results(tmp_path):
    for number in range(MOST + 3):
        kept(tmp_path, number, lambda: b"made")
    assert len(list(tmp_path.iterdir())) == MOST
    assert kept(tmp_path, MOST + 2, lambda: b"made again") == b"made"
