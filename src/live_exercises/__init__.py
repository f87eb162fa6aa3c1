"""Exercises that are written once and checked everywhere.

An exercise has a task, hints, a solution, and the wrong answers that people really give, each with
the message that it must get. From this one source come the page, the cells of the notebook, and the
proof that the exercise works: what is right passes, and each wrong answer gets its own message.

`exercise`
    What an exercise is, and how an answer that is code is judged.
`problem`
    Numbers that are given, and what is computed from them.
`kinds`
    The kinds of exercises: record, grader and directive of each.
`directives`
    What these directives share.
`domain`
    All exercises of a book, each under its name.
`sphinx`
    The directives, as Sphinx knows them.
`page`
    What a page needs to answer its exercises and to run its cells.
`runner`
    Runs what a reader wrote, in the browser.
`undrawn`
    Lets cells run without Matplotlib whose figures nobody will see.
`archive`
    The code of the book, packed for the browser.
`supply`
    Files of others that the site serves, each compared with its recorded hash.
`trim`
    What no browser need fetch of them.
"""
