"""What a browser does not keep of a form that was not sent (static/keep.js), beside passwords and
files: fields of travel documents and dates of birth, by their names."""

NEVER_KEPT = frozenset(
    {"mrz", "document_number", "document_expires_on", "document_expiry", "birth_date"}
)
