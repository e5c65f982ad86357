"""An observer's application and standing: states, history, submissions, resolutions."""
