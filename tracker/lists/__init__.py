"""Lists of observers as delegations send them: checked, mended, accepted whole, undone whole."""
