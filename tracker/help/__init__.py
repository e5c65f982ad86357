"""FACE: the guide, chapter by chapter, and the administrators' documents; owns no table."""
