"""What staff read for the parts of a list of appointments."""

from messages import N_

FIELDS = {
    "id": N_("Appointment number"),
    "start": N_("Date and time"),
    "date": N_("Date"),
    "time": N_("Time"),
    "end": N_("End"),
    "minutes": N_("Minutes"),
    "service": N_("Service"),
    "clinician": N_("Clinician"),
    "room": N_("Room"),
    "place": N_("Place"),
    "name": N_("Name"),
    "family": N_("Family name"),
    "given": N_("Given name"),
    "birth": N_("Date of birth"),
    "day": N_("Day of birth"),
    "month": N_("Month of birth"),
    "year": N_("Year of birth"),
    "letter": N_("First letter of the family name"),
    "language": N_("Language"),
    "needs": N_("Needs"),
    "status": N_("State"),
    "code": N_("Invitation code"),
    "patient": N_("Patient number"),
}
