"""How people find their way: side bar, palette of pages, first-run tour, over all parts."""
