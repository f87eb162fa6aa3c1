"""Exercises that are written once and checked everywhere.

An exercise has a task, starter code with its ``# TODO``, hints, checks, a solution, and the wrong
answers that people really give, each with the message that it must get. From this one source come
the page, the cells of the notebook, and the proof that the exercise works: its starter fails the
checks, its solution passes them, and each wrong answer fails with its own message.

`exercise`
    What an exercise is, and how an answer is judged.
`sphinx`
    The directives that an author writes.
`page`
    What a page needs to run its cells and exercises in the reader's browser.
`runner`
    Runs what a reader wrote, in the browser.
`archive`
    The code of the book, packed for the browser.
`supply`
    Files of others that the site serves, each compared with its recorded hash.
"""
