"""Measure the built pages against bars, as a reader's browser sees them.

`serve`
    The site on this machine, packed as a server on the web packs it.
`browser`
    What a browser finds: accessibility, bytes, hosts, errors, shifts, widths.
`lighthouse`
    What Lighthouse finds.
`report`
    The bars, and the table.

``python -m page_audit SITE`` measures every page and fails when one misses a bar.
"""
