"""The table of what becomes of a request for assistance: closed, and every status reached."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.logistics.models.assistance import AssistanceStatus, Priority
from tracker.logistics.rules.assistance import OPEN, SETTLED, STEPS, TARGETS, may_step, steps_from

S = AssistanceStatus


@given(st.sampled_from(S), st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_the_table_never_leads_out_of_itself(status, names):
    for name in names:
        assert may_step(status, name) == (name in steps_from(status))
        if may_step(status, name):
            status = STEPS[name].target
    assert (status in OPEN) == ("cancel" in steps_from(status))
    assert (status in SETTLED) == (steps_from(status) == ("reopen",))


def test_every_status_can_be_reached_and_every_target_is_named():
    reached, new = set(), {S.NEW}
    while new:
        reached |= new
        new = {STEPS[name].target for status in reached for name in steps_from(status)} - reached
    assert reached == set(S)
    assert set(TARGETS) == set(Priority)
