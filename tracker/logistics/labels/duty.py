"""What kinds of notes, steps and functions of duty are called."""

from tracker.kernel.i18n import N_
from tracker.logistics.models.duty import DutyFunction, NoteKind, NoteStepKind

NOTE_KINDS = {
    NoteKind.NOTE: N_("Note"),
    NoteKind.CALL: N_("Call"),
    NoteKind.INCIDENT: N_("Incident"),
    NoteKind.INSTRUCTION: N_("Instruction"),
    NoteKind.HAND_OVER: N_("Hand-over"),
}
NOTE_TONES = {
    NoteKind.NOTE: "mute",
    NoteKind.CALL: "mute",
    NoteKind.INCIDENT: "bad",
    NoteKind.INSTRUCTION: "warn",
    NoteKind.HAND_OVER: "go",
}
NOTE_STEPS = {
    NoteStepKind.CLOSED: N_("Followed up"),
    NoteStepKind.STRUCK: N_("Struck out"),
}
FUNCTIONS = {
    DutyFunction.DUTY_OFFICER: N_("Duty officer"),
    DutyFunction.DEPUTY: N_("Deputy duty officer"),
    DutyFunction.LIAISON: N_("Liaison with delegations"),
    DutyFunction.DRIVERS: N_("Drivers"),
    DutyFunction.TECHNICIAN: N_("Technician on duty"),
}
