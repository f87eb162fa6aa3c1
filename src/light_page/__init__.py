"""What turns the pages of a Sphinx theme into light, safe and accessible ones.

A theme ships for every site that may use it: all icons, all styles, every script. Once the pages
are written, it is known what this site shows. The rest need not be sent.

`icons`
    Icons as drawings in the page, taken from the theme's own set.
`figures`
    Drawings in SVG as part of the page: in its font, in its colours, with a description.
`styles`
    One style sheet with the rules that some page of the site uses.
`scripts`
    Scripts that wait for the page, and none that it does not use.
`repairs`
    Fixes for accessibility bugs in the pages that Sphinx and the theme write.
`policy`
    A Content-Security-Policy that names each inline script by its hash.
`sphinx`
    All of this as an extension of Sphinx.
"""
