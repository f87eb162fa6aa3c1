"""Mathematics that is ready when the page arrives: LaTeX becomes MathML while Sphinx builds.

A browser draws MathML itself, so a page needs no script for its formulas; screen readers speak it,
and the LaTeX source stays inside as an annotation.

`latex`
    LaTeX to MathML, with what Sphinx allows an author to leave out.
`font`
    The glyphs that formulas use, cut out of a mathematical font.
`sphinx`
    The two as an extension of Sphinx.
"""
