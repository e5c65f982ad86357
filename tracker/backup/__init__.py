"""A copy of everything, made while the system serves, and brought back into an empty place.

    tracker backup FILE            made, read back and compared
    tracker backup --verify FILE   restored into a place of its own, which is then removed
    tracker restore FILE           into an empty installation

`container` is the form of the file, `snapshot` the database as of one moment, `making` and
`restoring` the two ways, `proof` what must hold of a restored installation.
"""
