"""What people read when something cannot be done: one sentence a code, each ending in what they can do.

The words are keys of the catalogues; `tests/test_words.py` holds this list against the codes in use.
"""

from datetime import tzinfo
from typing import Any

from words import Language, clock


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


REFUSED = {
    "day_open": N_("The day is already open. Carry on with the line."),
    "day_closed": N_("We are closed right now. Come to the desk if you need help."),
    "people_waiting": N_("These people are still here: %(tickets)s. See them first, or close and tell each one."),
    "restored": N_("The clinic was put back to an earlier state. Look again."),
    "unknown_visit": N_("This number is not in today's line. Look it up again in the list."),
    "unknown_service": N_("We don't know this service. Choose one from the list."),
    "unknown_room": N_("We don't know this room. Choose one from the list."),
    "unknown_reason": N_("Choose one of the reasons in the list."),
    "no_apology_owed": N_("Everybody who waits so long has heard from us by now. Look at the list again."),
    "not_so_late": N_("%(ticket)s does not wait an hour too long yet. You can still go and speak to them."),
    "unknown_note": N_("This delay note has ended already. Look at the screens again."),
    "unknown_help": N_("This call for help is no longer there. Look at the list again."),
    "help_taken": N_("Somebody is already on the way. You can stay where you are."),
    "already_checked_in": N_(
        "This appointment is checked in already, as %(ticket)s. Look at your number, or ask at the desk."
    ),
    "unknown_appointment": N_(
        "This appointment is not in today's list any more. Ask at the desk, and we will sort it out."
    ),
    "not_here_yet": N_("They have not checked in yet; their time is %(at)s. Check them in first."),
    "too_early_to_miss": N_("Their time is %(at)s. Wait until then before you say that they missed it."),
    "call_again_first": N_(
        "%(ticket)s was called %(calls)s of %(enough)s times. Call again when 3 minutes have passed."
    ),
    "people_expected": N_("These booked people did not come: %(times)s. Choose what came of each before you close."),
    "unknown_follow_up": N_("This is not on the list any more. Look at the list again."),
    "unknown_step": N_("Choose one of the next steps in the list."),
    "unknown_outcome": N_("Choose one of the outcomes in the list."),
    "kept_no_more": N_("We kept %(ticket)s until %(at)s. Come to the desk, and we will find a way."),
    "unknown_way": N_("Choose one of the ways to be called in the list."),
    "unknown_question": N_("Choose one of the questions in the list."),
    "unknown_answer": N_("Choose one of the answers in the list."),
    "help_answered": N_("This has been answered. Look at the list again."),
    "unknown_clinician": N_("We don't know this clinician. Choose one from the list, or add them in the set-up."),
    "unknown_message": N_("Choose one of the closing messages in the list."),
    "no_closing_time": N_("No closing time is ahead today. Write the rooms' hours in the set-up first."),
    "nobody_waiting": N_("Nobody is waiting for %(room)s. You can call again when somebody checks in."),
    "next_changed": N_("%(ticket)s is next now. Look at the button and press it again."),
    "wrong_room": N_("%(ticket)s is here for something that %(room)s does not offer. Choose another room."),
    "wrong_status": N_("%(ticket)s is %(status)s now. Look at the list again and choose what fits."),
    "same_service": N_("%(ticket)s already waits for this service. Choose another one."),
    "room_closed": N_("%(room)s is closed. Open it first."),
    "room_paused": N_("%(room)s is paused. Open it first."),
    "room_in_use": N_("%(ticket)s is still in %(room)s. Finish that visit first."),
    "until_past": N_("This time has passed. Choose a later one."),
    "until_too_late": N_("A pause can last a day at most. Close the room for longer."),
    "changed_since": N_("%(ticket)s has moved on since. Look at the list again."),
    "nothing_to_undo": N_('There is nothing to undo for %(ticket)s. A mistake? Choose "Leaves without being seen".'),
    "too_late_to_undo": N_("It is too late to undo this for %(ticket)s. If they are still here, check them in again."),
    "request_reused": N_("This was sent before with other details. Load the page again and send it once more."),
    "list_gone": N_("We keep a list for 15 minutes, and this one is gone. Choose the file again."),
    "list_stopped": N_("We could save %(done)s of %(all)s appointments. Send the list again: none counts twice."),
    "clinician_in_use": N_(
        "%(clinician)s works here now or has people booked. Let others see them first, then take the name away."
    ),
    "unknown_screen": N_("This screen is not on the list any more. Look at the list again."),
    "link_used": N_(
        "This link was used or is too old. Ask a manager for a new one, or start Kindline again for the first."
    ),
    "last_manager": N_("This is the only manager. Add another one first, so that somebody can let people in."),
    "unknown_account": N_("This account is not there any more. Look at the list again."),
    "unknown_device": N_("This device is not paired any more. Look at the list again."),
    "setup_in_use": N_("These people still need what you took away: %(tickets)s. Finish their visits first."),
}

WRONG = {
    "not_json": N_("We could not read this. Send a JSON object."),
    "not_an_object": N_("We could not read this. Send a JSON object with named fields."),
    "missing": N_("Fill in %(field)s."),
    "file_missing": N_("Choose the list's file first."),
    "not_columns": N_("Send the columns as a JSON object. Its names are of these: %(choices)s."),
    "not_text": N_("Write %(field)s as plain text of at most %(limit)s characters."),
    "not_a_choice": N_("Choose one of these for %(field)s: %(choices)s."),
    "not_a_number": N_("Write %(field)s as a whole number."),
    "not_a_time": N_("Write %(field)s as a time, for example 14:30."),
    "not_a_day": N_("Write %(field)s as a day, for example 2026-11-24."),
    "name_too_long": N_("Write the name with at most %(limit)s characters."),
    "birth_day": N_("Enter the day you were born, for example 27."),
    "birth_month": N_("Enter the month you were born, for example 3."),
    "birth_year": N_("Enter the year you were born, with four digits."),
    "birth_letter": N_("Enter the first letter of the family name."),
    "code_empty": N_("Fill in the code on the invitation."),
    "token_old": N_("That took a while, so we cleared it. Start again; it takes less than a minute."),
    "party_unknown": N_("We can't find whom you came with. Check in on your own, or ask at the desk."),
    "hours_wrong": N_("Write hours for %(room)s in which it opens, has its breaks and then closes."),
    "no_name_to_call": N_("We don't know their name. Choose another way to call them."),
    "name_needed": N_("Write the name you want us to call, or choose your number."),
    "name_missing": N_("Write the clinic's name."),
    "services_missing": N_("Add at least one service that people come for."),
    "too_many_services": N_("Keep at most %(limit)s services, so that each has its own letter."),
    "rooms_missing": N_("Add at least one room or desk where people are seen."),
    "letter_unknown": N_("Choose one of the letters %(letters)s. They are easy to tell apart when called."),
    "letter_twice": N_("Two services have the letter %(letter)s. Give each its own."),
    "minutes_wrong": N_("Write how many minutes a visit takes, from 1 to 480."),
    "service_without_room": N_("No room offers %(service)s yet. Tick it for at least one room."),
    "id_twice": N_("Two rooms or services have the same id. Load the page again and fill it in once more."),
    "room_twice": N_("Two rooms are called %(room)s. Give each its own name."),
    "clinician_twice": N_("Two clinicians are called %(clinician)s. Give each a name of their own."),
    "volume_wrong": N_("Write the volume as a whole number from 0 to 100."),
    "kept_hours_wrong": N_("Write the hours that names are kept as a whole number from 1 to 72."),
    "kept_years_wrong": N_("Write the years that days are kept as a whole number from 1 to 10."),
    "quiet_wrong": N_("Write both quiet times, and make them differ, or leave both empty."),
    "too_many_screens": N_(
        "We know %(limit)s screens already. Open the list of screens on the staff page and forget one."
    ),
    "sizes_wrong": N_("Write the TV's size in inches and the distance in metres as numbers."),
    "login_taken": N_('Somebody signs in as "%(login)s" already. Choose another name to sign in with.'),
    "login_wrong": N_("Write the sign-in name in letters and digits, at most %(limit)s, without spaces."),
    "own_name_missing": N_("Write the name that colleagues and patients know."),
    "password_short": N_("Use at least %(limit)s characters. A few words in a row are easy to remember."),
    "password_long": N_("Use at most %(limit)s characters."),
    "password_easy": N_("This password is easy to guess. Use a few words that do not belong together."),
    "passwords_differ": N_("The two passwords differ. Write the same one twice."),
    "password_not_yours": N_("This is not your password. Try again, or ask a manager for a new link."),
    "pin_wrong": N_("Use %(limit)s digits."),
    "pin_easy": N_("These digits are easy to guess. Use others."),
    "code_unknown": N_("No screen shows this code now. Look at the screen again: a code lasts ten minutes."),
    "codes_wait": N_("That code was wrong too often. Try again in %(minutes)s min."),
    "device_name": N_("Give it a name, for example TV by the window."),
    "role_other": N_("The screen with this code is of another kind. Choose what it is."),
    "timezone_unknown": N_("Choose a time zone from the list."),
}

LISTS = {
    "list_empty": N_("This list is empty. Export it again and choose the new file."),
    "list_too_large": N_("This list is larger than %(limit)s MB. Export fewer days and try again."),
    "list_too_long": N_("This list has more than %(limit)s rows. Export fewer days and try again."),
    "list_is_sheet": N_("This is a workbook, not plain text. Save it as CSV and choose that file."),
    "list_is_packed": N_("This file is packed. Unpack it and choose the list inside."),
    "list_is_pdf": N_("This is a PDF. Export the list as CSV and choose that file."),
    "list_is_page": N_("This is a web page, not a list. Save it as CSV and choose that file."),
    "list_is_xml": N_("This list is XML. Export it as JSON or CSV and choose that file."),
    "list_not_text": N_("This file is not plain text. Save the list as CSV and choose that file."),
    "list_letters_broken": N_("Some letters in this file are broken. Save it as CSV in UTF-8 and try again."),
    "list_json_broken": N_("Part of this JSON is missing or broken. Export it again and choose the new file."),
    "list_no_bundle": N_("This JSON holds no appointments. Send a FHIR Bundle, or a list of objects, and try again."),
    "list_no_headers": N_(
        "We find no headers in this list. Name its columns in the first row, %(limit)s at most, and try again."
    ),
    "list_row_broken": N_("A quote in this row does not end. Write it again and close the quote."),
    "list_row_longer": N_(
        "This row has %(cells)s cells, but there are %(headers)s headers. Write it again with as many."
    ),
    "list_cell_too_long": N_('The cell "%(column)s" is too long. Write at most %(limit)s letters.'),
    "looks_like_formula": N_('The cell "%(column)s" starts like a formula. Write it as plain text.'),
    "list_id_twice": N_("Row %(first)s has the same id. Give each its own."),
    "list_date_missing": N_("This row has no date. Write one, for example 2026-11-24."),
    "list_date_unreadable": N_('We can\'t read "%(text)s" as a date. Write it like 2026-11-24.'),
    "list_date_order": N_('"%(text)s" is written in another order than the rest. Write it like 2026-11-24.'),
    "list_year_short": N_('The year of "%(text)s" has two digits. Write it with four.'),
    "list_time_missing": N_("This row has no time. Write one, for example 14:30."),
    "list_time_unreadable": N_('We can\'t read "%(text)s" as a time. Write it like 14:30.'),
    "list_zone_unknown": N_('We don\'t know the time zone "%(zone)s". Write the time in your own zone.'),
    "past_day": N_("%(day)s has passed. Send only today and the days to come."),
    "list_day_far": N_("%(day)s is more than a year away. Check the date."),
    "list_all_day": N_("This takes the whole day. Give it a time, for example 14:30."),
    "list_repeating": N_("This one repeats. Add each day as one of its own."),
    "list_event_broken": N_("We can't read this part of the file. Export it again and choose the new file."),
    "list_not_booked": N_("This is not booked yet. Send it again when it is."),
    "list_service_missing": N_("This row names no service. Choose one for it: %(known)s."),
    "list_service_unknown": N_('We don\'t know "%(service)s". Choose one of your own: %(known)s.'),
    "list_room_unknown": N_('We don\'t know the room "%(room)s". Add it to your rooms, or go on without it.'),
    "list_room_other": N_('"%(room)s" is not set up for this service. Check your rooms, or go on without it.'),
    "list_minutes_unreadable": N_('We can\'t use "%(text)s" as a length. Write 1 to 480 minutes.'),
    "list_name_long": N_('"%(text)s" is too long for a name. Write at most %(limit)s letters.'),
    "list_birth_unreadable": N_('We can\'t use "%(text)s" as a date of birth. Write it like 1984-03-27.'),
    "list_language_other": N_('We don\'t speak "%(language)s" yet. Ask for an interpreter.'),
    "list_needs_unknown": N_("We did not keep all of the needs. Add them by hand, or ask when they come."),
    "list_code_easy": N_("This code is too easy to guess. Use %(limit)s letters and digits or more."),
    "list_code_twice": N_("Row %(first)s has the same code. Give each its own."),
    "kept_as_here": N_("They are here already, so nothing was changed for them. Look at the list if that is wrong."),
    "whole_not_sure": N_("Some rows were refused, so nobody else was cancelled. Correct them and try again."),
}

OTHER = {
    "not_found": N_("We can't find this page. Go back, or ask at the desk."),
    "too_large": N_("This is too much to send at once. Send less."),
    "too_many": N_("That was a lot of tries. Wait a minute, or ask at the desk."),
    "not_allowed": N_("This can't be done from here. Load the page again, or ask at the desk."),
    "pin_not_yours": N_("This is not your PIN. You can try %(left)s more times, then use your password."),
    "pin_too_often": N_("The PIN was wrong too often. Use your password."),
    "login_unknown": N_("This name and password do not go together. Try again, or ask a manager for a new link."),
    "tries_wait": N_("That was wrong too often. Try again in %(minutes)s min, or ask a manager."),
    "sign_in": N_("You are signed out. Sign in again, and then send this once more."),
    "locked": N_("The screen is locked. Unlock it, and then send this once more."),
    "not_yours": N_("Your account may not do this. Ask a manager."),
    "no_manager": N_("Nobody can come in yet. Open the link that Kindline printed when it started."),
    "unavailable": N_("We can't save this right now. Nothing was changed. Come to the desk, or try again in a minute."),
    "bug": N_("Something went wrong on our side. Come to the desk and we will sort it out."),
}

STATUS = {
    "waiting": N_("waiting"),
    "called": N_("called"),
    "in_room": N_("in the room"),
    "on_hold": N_("stepped out"),
    "no_show": N_("missed"),
    "done": N_("done"),
    "left": N_("left"),
}

NEEDS = {
    "large_text": N_("Large text"),
    "read_aloud": N_("Read aloud"),
    "fetch": N_("Fetch in person"),
    "interpreter": N_("Interpreter"),
    "more_time": N_("More time"),
    "quiet": N_("Quiet place"),
    "wheelchair": N_("Wheelchair"),
}
"""What may help somebody, as staff read it, and people at the tablet."""

REASONS = {
    "needs_care_sooner": N_("Needs care sooner"),
    "booked_time": N_("Booked time"),
    "small_child": N_("Small child"),
    "unwell": N_("Feels unwell"),
    "back_from_test": N_("Back from a test"),
    "other": N_("Another reason"),
}


NEXT_STEPS = {
    "book": N_("Book your next appointment at the desk."),
    "paper": N_("Take your paper to the desk."),
    "results": N_("Your results come by phone or letter."),
    "come_back": N_("Come back if you do not feel better."),
}
"""What staff may pick when they finish a visit; the patient reads it on the phone."""

READY = {
    "insurance_card": N_("your insurance card"),
    "identity_card": N_("your ID card"),
    "medicines": N_("your medicines"),
    "letter": N_("the letter you were sent"),
    "results": N_("your test results"),
    "glasses": N_("your glasses"),
}
"""What a service may ask its people to have ready: "Please have ready: your medicines." """

AROUND = {
    "seating": N_("Where to sit"),
    "water": N_("Water"),
    "toilets": N_("Toilets"),
    "wifi": N_("Wi-Fi"),
}
"""What is around who waits; the clinic says where."""

PROMPTS = {
    "most": N_("What matters most to me today?"),
    "ask": N_("What do I want to ask?"),
    "know": N_("What should they know about me?"),
}
"""What people may think about while they wait; what they write stays on their phone."""

QUESTIONS = {
    "appointment": N_("My appointment"),
    "payment": N_("Insurance or payment"),
    "next": N_("What happens next"),
    "another_appointment": N_("Another appointment"),
    "something_else": N_("Something else"),
}
"""What a question is about, as the patient chooses it and staff read it."""

ANSWERS = {
    "in_person": N_("Someone will come to you about your question."),
    "at_desk": N_("Please come to the desk. We can help you there."),
    "ask_clinician": N_("Please ask the clinician when you are called. They can tell you best."),
    "after_visit": N_("We will sort this out with you at the desk after your visit."),
    "all_set": N_("Everything is in order. You don't need to do anything."),
    "nothing_to_pay": N_("There is nothing to pay today."),
    "we_will_call": N_("We will call you about this. You don't need to wait for it."),
}
"""What staff may pick to answer a question; the patient reads exactly this."""

ROLES = {
    "reception": N_("Reception"),
    "clinician": N_("Clinician"),
    "manager": N_("Manager"),
    "auditor": N_("Auditor"),
}
"""What people of the staff are, as they read it."""

MAY = {
    "reception": N_("Checks people in, calls them, brings in lists, pairs screens."),
    "clinician": N_("Sees the line and calls people. Brings in no lists and pairs no screens."),
    "manager": N_("All of that, and the set-up, accounts and past visits."),
    "auditor": N_("Sees only who did what and when. Sees no line."),
}
"""What each of them may do, in one line."""

DEVICE_ROLES = {
    "tablet": N_("Tablet"),
    "tv": N_("TV"),
    "desk": N_("Desk"),
    "program": N_("Program"),
}
"""What a paired device is."""

RATINGS = {
    "very_good": N_("Very good"),
    "good": N_("Good"),
    "neither": N_("Neither good nor poor"),
    "poor": N_("Poor"),
    "very_poor": N_("Very poor"),
    "dont_know": N_("Don't know"),
}

HERE_OUTCOMES = {
    "seen": N_("Was seen"),
    "another_day": N_("Comes another day"),
    "left": N_("Went home"),
    "missed": N_("Did not come when called"),
}

ABSENT_OUTCOMES = {
    "missed": N_("Did not come"),
    "another_day": N_("Comes another day"),
    "left": N_("Told us they can't come"),
}


ALARMS = {
    "full": N_(
        "The disk is full: nothing has been saved since %(since)s. Free some space; it goes on by itself. "
        "Until then write the numbers on paper."
    ),
    "read_only": N_(
        "The disk may only be read: nothing has been saved since %(since)s. Ask who looks after this computer. "
        "Until then write the numbers on paper."
    ),
    "failing": N_(
        "The disk does not take what we write: nothing has been saved since %(since)s. Ask who looks after this "
        "computer. Until then write the numbers on paper."
    ),
    "busy": N_(
        "Another program holds the data: nothing has been saved since %(since)s. Close it; it goes on by itself."
    ),
    "not_whole": N_(
        "The data are damaged, seen at %(since)s. The newest good backup is %(backup)s. Ask who looks after this "
        "computer to put it back."
    ),
    "not_whole_alone": N_(
        "The data are damaged, seen at %(since)s. There is no good backup here. Ask who looks after this computer for "
        "a copy elsewhere."
    ),
    "clock_behind": N_(
        "The clock of this computer is wrong, as we saw at %(since)s: it says %(says)s. Set it, or connect the "
        "network. Until then we go on from the last time we knew."
    ),
    "clock_ahead": N_(
        "The clock of this computer leapt ahead at %(since)s: it says %(says)s. If that is wrong, set it. "
        "Nothing is erased before we are sure."
    ),
    "no_room": N_(
        "The disk has no room for a backup since %(since)s. Free some space; the next one is made by itself."
    ),
    "no_backup": N_("No backup was made for three hours, seen at %(since)s. Ask who looks after this computer."),
    "little_room": N_(
        "The disk is nearly full since %(since)s: %(left)s MB are left. Ask who looks after this computer to make room."
    ),
    "names_kept": N_(
        "Since %(since)s a backup holds names that should be gone. Ask who looks after this computer to delete "
        "%(file)s."
    ),
    "names_going": N_(
        "What was erased at %(since)s is being taken out of the backups too. %(n)s are still to be looked through; "
        "leave this computer on."
    ),
}
"""What staff read about the computer itself, by the kind of the alarm; what matters most stands first."""


def sentence(code: str, params: dict[str, Any], lang: Language, zone: tzinfo | None = None) -> str:
    """The sentence for this code in this language; times in it are in the clinic's `zone`."""
    text = (REFUSED | WRONG | LISTS | OTHER)[code]
    values = dict(params)
    if "tickets" in values:
        values["tickets"] = ", ".join(values["tickets"])
    for name in {"at", "times"} & values.keys():
        times = values[name] if isinstance(values[name], list) else [values[name]]
        values[name] = ", ".join(clock(at.astimezone(zone)) for at in times)
    if "status" in values:
        status = STATUS[values["status"]]
        values["status"] = lang.gettext(status)
    # Whoever shows it escapes it: as a page's text, or as JSON.
    return lang.gettext(text, **values).unescape()
