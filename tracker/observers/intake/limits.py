"""How large a list may be, and the refusals that name the limit."""

MEGABYTE = 1024 * 1024
LARGEST_FILE = 24 * MEGABYTE
MOST_UNPACKED = 320 * MEGABYTE  # all members of an xlsx or ods together
MOST_MEMBERS = 5_000
MOST_ROWS = 50_000
MOST_COLUMNS = 200
LONGEST_CELL = 4_000  # characters
MEMORY = 1_024 * MEGABYTE  # address space of the process that opens a spreadsheet
SECONDS = 90  # of processor time for the same
