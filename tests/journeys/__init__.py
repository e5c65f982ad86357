"""What people do from the first page to the last, and the installations that they do it on."""
