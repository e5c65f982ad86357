"""What a user does to the directory: whom delegations meet, where, and when they are free."""

from tracker.officials.operations.availability import (
    add_day,
    block_time,
    read_calendar,
    remove_day,
    set_travel_times,
    unblock_time,
)
from tracker.officials.operations.directory import (
    HallDetails,
    InstitutionDetails,
    InterpreterDetails,
    OfficialDetails,
    create_hall,
    create_institution,
    create_interpreter,
    create_official,
    update_hall,
    update_institution,
    update_interpreter,
    update_official,
)

__all__ = [
    "HallDetails",
    "InstitutionDetails",
    "InterpreterDetails",
    "OfficialDetails",
    "add_day",
    "block_time",
    "create_hall",
    "create_institution",
    "create_interpreter",
    "create_official",
    "read_calendar",
    "remove_day",
    "set_travel_times",
    "unblock_time",
    "update_hall",
    "update_institution",
    "update_interpreter",
    "update_official",
]
