"""What the build of this book needs beyond Sphinx and MyST-NB, one concern per module.

`chapters`
    Which pages are chapters; a chapter after its cells have run, and where things stand in it.
`kernels`
    How the processes that run the cells are started.
`build`
    Builds the book into a new folder, and puts it in the old one's place once it has passed.
`serve`
    Shows the book in a browser while it is being written.
`freshness`
    Which pages must be read again: changed and faulty ones, and all after a change of the tools.
`outputs`
    An executed cell that shows a traceback or a warning is a fault.
`accepted`
    What the cells print and draw is what a person has accepted.
`bound`, `claims`
    Words of a sentence say what the cells above have computed.
`pictures`
    A figure beside the accepted one, with the difference.
`rules`
    The rules of the house, each with its reason.
`randomness`
    A random draw without a seed is a fault.
`listing`
    Code of the package shown in a chapter, taken from the package.
`short_form`
    Its lines that teach.
`notebooks`
    Each chapter as a notebook that runs outside the book.
`counts`
    What the book has, counted.
`links`
    The external links of the book, listed and asked whether they still answer.
"""
