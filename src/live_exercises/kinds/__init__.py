"""The kinds of exercises: each module has one's record, its grader and its directive.

`code`
    Write code, or find the error in it. Judged by Python, in the build and in the page.
`blanks`
    By pencil, with numbers that can be dealt anew; or the shapes of a chain of products.
`predict`
    Say what code will print, then see it.
`choose`
    Choose among answers, of which each wrong one has its reason.
`order`
    Put steps in order.
`trainer`
    Fill in small graphs, value by value and gradient by gradient.

The guide for authors, docs/writing.md, has an example of each, which a test builds.

What is judged without Python is judged twice by the same rules: here, while the book is built, and
by ``questions.js`` in the page.
"""
