"""Lists in: from the bytes of somebody's spreadsheet to rows of values with what is wrong.

Nothing here knows the database. `files` reads bytes to a grid, `table` finds the table in it,
`columns` recognizes what stands in each column, `values` and `names` read the cells, `rows` puts
them together.
"""
