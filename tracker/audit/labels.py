"""What recorded tables and actions are called on a page."""

from tracker.kernel.i18n import N_

ACTIONS = {
    "insert": N_("Added"),
    "update": N_("Changed"),
    "delete": N_("Deleted"),
    "read": N_("Shown"),
}

TABLES = {
    "accreditations": N_("Accreditation"),
    "assignments": N_("Function and region"),
    "calendar_addresses": N_("Address of a calendar"),
    "column_memories": N_("Meaning of a column"),
    "delegation_contacts": N_("Contact of a delegation"),
    "delegation_heads": N_("Head of delegation"),
    "delegation_steps": N_("Step of a delegation"),
    "delegations": N_("Delegation"),
    "duplicate_decisions": N_("Decision on a likeness"),
    "elections": N_("Election"),
    "focal_points": N_("Focal point"),
    "halls": N_("Hall"),
    "institutions": N_("Institution"),
    "meetings": N_("Meeting"),
    "observer_lists": N_("List of observers"),
    "observers": N_("Observer"),
    "official_hours": N_("Hours of an official"),
    "officials": N_("Official"),
    "organizations": N_("Organization"),
    "outbox_messages": N_("Message"),
    "resolutions": N_("Resolution"),
    "roles": N_("Role"),
    "submission_items": N_("Candidate of a submission"),
    "submissions": N_("Submission"),
    "transitions": N_("Step of an accreditation"),
    "travel_documents": N_("Travel document"),
    "users": N_("User"),
}
