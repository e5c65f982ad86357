"""What the tracker promises, tried: `<part>/test_<room>.py` mirrors the rooms of tracker/."""
