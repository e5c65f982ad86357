"""The directory of organizations and foreign states that send observers."""
