"""Which column holds what: headers as real systems write them, in six languages, matched to our fields. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

# The most telling first: where two headers of a list could be meant, the one named earlier here is.
HEADERS: Mapping[str, str] = {
    "id": """appointment id; appt id; appointmentid; appointment number; appt number; appointment no; appt no;
        booking id; booking reference; booking number; visit id; encounter id; event id; schedule id; slot id;
        reference; id; nr; no cita; no de cita; no rdv; no de rdv; id de cita; id cita; numero de cita;
        n cita; cita id; codigo de cita; رقم الموعد;
        معرف الموعد; termin id; terminnummer; termin nr; buchungsnummer; id du rendez vous; id rdv; numero de rdv;
        n rdv; id da consulta; numero da consulta; id do agendamento; uid""",
    "start": """start; at; start date time; start datetime; starts at; appointment date time; appointment datetime;
        appt date time; scheduled start; scheduled date time; scheduled for; date and time; date time; datetime;
        appointment start; start time stamp; begin; fecha y hora; fecha hora; inicio; comienzo;
        fecha y hora de la cita; hora y fecha; التاريخ والوقت; موعد البدء; بداية الموعد; beginn; terminbeginn;
        termin; datum uhrzeit; datum und uhrzeit; startzeitpunkt; debut; date et heure; date heure;
        debut du rendez vous; debut rdv; data e hora; data hora; inicio da consulta; horario de inicio""",
    "date": """appointment date; appt date; date of appointment; start date; visit date; scheduled date;
        booking date; service date; date; fecha de la cita; fecha de cita; fecha cita; fecha; dia de la cita;
        تاريخ الموعد; التاريخ; اليوم; termindatum; startdatum; datum; date du rendez vous; date de rendez vous;
        date rdv; date du rdv; data da consulta; data do agendamento; data""",
    "time": """appointment time; appt time; time of appointment; start time; scheduled time; visit time; slot;
        time; hora de la cita; hora cita; hora de inicio; hora; وقت الموعد; الوقت; الساعة; terminzeit; startzeit;
        uhrzeit; von; zeit; heure du rendez vous; heure de rendez vous; heure rdv; heure de debut; heure;
        hora da consulta; hora do agendamento; hora inicio; horario""",
    "end": """end; end time; end date time; end datetime; ends at; appointment end; appt end; finish time; finish;
        until; fin; hora de fin; hora fin; final; termino; وقت الانتهاء; نهاية الموعد; النهاية; ende; terminende;
        endzeit; bis; heure de fin; fin du rendez vous; fin rdv; fim; hora de termino; hora fim; hora final""",
    "minutes": """minutes; duration; duration minutes; duration mins; duration min; appointment length;
        appt length; length; length minutes; slot length; mins; appointment duration; appt duration; duracion;
        duracion minutos; duracion min; minutos; المدة; مدة الموعد; المدة بالدقائق; dauer; dauer min;
        dauer minuten; dauer in minuten; termindauer; minuten; duree; duree minutes; duree min; duree en minutes;
        duracao; duracao min; duracao minutos""",
    "service": """service; services; service name; appointment type; appt type; visit type; type of appointment;
        appointment category; category; clinic; clinic name; type; servicio; tipo de cita; prestacion;
        especialidad; tipo; agenda; الخدمة; نوع الموعد; نوع الزيارة; العيادة; leistung; terminart; termintyp;
        besuchsgrund kategorie; art; prestation; type de rendez vous; type de rdv; type rdv; motif de rdv; servico;
        tipo de consulta; tipo de servico; especialidade""",
    "clinician": """clinician; provider; provider name; practitioner; practitioner name; doctor; doctor name;
        physician; gp; with; seen by; resource; resource name; staff; consultant; therapist; rendering provider;
        attending; profesional; medico; doctor a; facultativo; الطبيب; اسم الطبيب; المعالج; behandler; behandlerin;
        arzt; arztin; behandelnder arzt; ressource; therapeut; praticien; medecin; intervenant; docteur;
        profissional; terapeuta""",
    "room": """room; room name; room number; exam room; desk; chair; consultorio; sala; cabina; despacho; غرفة;
        الغرفة; رقم الغرفة; raum; zimmer; behandlungsraum; behandlungszimmer; sprechzimmer; salle; cabinet;
        sala de consulta; gabinete""",
    "place": """place; location; location name; site; site name; facility; facility name; branch; practice;
        practice name; office; office location; department; centro; sede; ubicacion; lugar; clinica;
        centro de salud; الموقع; الفرع; المركز; المكان; standort; ort; praxis; betriebsstatte; filiale; lieu;
        site du rdv; etablissement; local; unidade; unidade de saude""",
    "name": """patient name; name; full name; patient full name; patient; display name; client name; client;
        summary; nombre del paciente; nombre completo; nombre y apellidos; apellidos y nombre; paciente; nombre;
        اسم المريض; الاسم; الاسم الكامل; المريض; patientenname; patientname; patientin; name des patienten;
        nom du patient; nom complet; nom et prenom; nom prenom; nome do paciente; nome completo; nome; utente""",
    "family": """family name; last name; surname; patient last name; patient surname; lastname;
        patient family name; family; apellidos; apellido; primer apellido; apellidos del paciente; اسم العائلة;
        العائلة; اللقب; nachname; familienname; zuname; nom de famille; nom; nom de naissance; sobrenome; apelidos;
        apelido; ultimo nome""",
    "given": """given name; first name; patient first name; patient given name; firstname; forename; forenames;
        given names; given; preferred name; nombre de pila; primer nombre; nombres; الاسم الأول; الاسم الاول;
        vorname; vornamen; rufname; prenom; prenoms; primeiro nome; nome proprio""",
    "birth": """date of birth; dob; birth date; birthdate; patient dob; patient date of birth; patient birth date;
        birthday; birth; born; d o b; fecha de nacimiento; fecha nacimiento; f nacimiento; fnac; fec nac; nacimiento;
        تاريخ الميلاد; تاريخ الولادة; الميلاد; geburtsdatum; geburtstag; geb datum; gebdatum; geb; geboren;
        geboren am; date de naissance; ne le; nee le; naissance; ddn; data de nascimento; data nascimento;
        nascimento; dt nascimento""",
    "day": """day of birth; dia de nacimiento; يوم الميلاد; tag der geburt; jour de naissance;
        dia de nascimento""",
    "month": """birth month; month of birth; mes de nacimiento; شهر الميلاد; geburtsmonat; mois de naissance;
        mes de nascimento""",
    "year": """birth year; year of birth; yob; ano de nacimiento; سنة الميلاد; geburtsjahr; jahrgang;
        annee de naissance; ano de nascimento""",
    "letter": """letter; first letter; initial; first letter of family name; first letter of last name;
        surname initial; last initial; inicial; inicial del apellido; primera letra; الحرف الأول; الحرف الاول;
        anfangsbuchstabe; initiale; initiale du nom; premiere lettre; inicial do sobrenome; primeira letra""",
    "language": """language; preferred language; primary language; patient language; spoken language; lang; idioma;
        idioma preferido; lengua; اللغة; اللغة المفضلة; لغة المريض; sprache; muttersprache; bevorzugte sprache;
        langue; langue preferee; langue parlee; lingua; idioma preferencial""",
    "needs": """needs; special needs; access needs; accessibility; accessibility needs; accommodations;
        accommodation; reasonable adjustments; adjustments; assistance; support needs; necesidades;
        necesidades especiales; accesibilidad; ayudas; احتياجات; الاحتياجات; احتياجات خاصة; bedarf;
        besondere bedurfnisse; unterstutzung; barrierefreiheit; besoins; besoins particuliers; accessibilite;
        necessidades; necessidades especiais; acessibilidade""",
    "status": """status; appointment status; appt status; visit status; booking status; state; estado;
        estado de la cita; estado cita; situacion; الحالة; حالة الموعد; terminstatus; zustand; statut; etat;
        statut du rdv; situacao; estado da consulta; status da consulta""",
    "code": """code; check in code; checkin code; invitation code; secret; pin; codigo; codigo de acceso; clave;
        رمز; رمز الدخول; einladungscode; zugangscode; kennwort; code d acces; code invitation; codigo de acesso;
        senha""",
    "patient": """patient id; patientid; patient number; patient no; mrn; medical record number; chart number;
        chart no; chart; account number; patient account; nhs number; client id; id paciente; id del paciente; nhc;
        numero de historia; historia clinica; رقم المريض; رقم الملف; patienten id; patientennummer; patienten nr;
        patnr; pat nr; id patient; numero patient; n patient; numero de dossier; ipp; id do paciente;
        numero do paciente; numero de utente; prontuario""",
}  # fmt: skip

FIELDS: tuple[str, ...] = tuple(HEADERS)
"""The fields a column may be matched to."""


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header or another word as it is compared: its letters and digits without case, accents, spaces and signs."""
    folded = unicodedata.normalize("NFKD", header.casefold())
    return "".join(c for c in folded if c.isalnum())


KNOWN: Mapping[str, tuple[str, int]] = {
    plain(name): (field, rank) for field, names in HEADERS.items() for rank, name in enumerate(names.split(";"))
}
"""By plain header: the field, and the smaller, the surer."""


def known(headers: Iterable[str], chosen: Mapping[str, str]) -> int:
    """How many of these headers, counted once each, are matched to a field."""
    return len(match(tuple(headers), chosen))


def match(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """By field, which of these headers holds it, counted from 0. What staff chose comes first."""
    places = {plain(header): at for at, header in reversed(list(enumerate(headers))) if header.strip()}
    found = {field: places[plain(header)] for field, header in chosen.items() if plain(header) in places}
    taken = set(found.values())
    best: dict[str, tuple[int, int]] = {}
    for name, at in places.items():
        if at in taken or name not in KNOWN:
            continue
        field, rank = KNOWN[name]
        if field not in chosen and (field not in best or rank < best[field][0]):
            best[field] = (rank, at)
    found |= {field: at for field, (_, at) in best.items()}
    return {field: found[field] for field in FIELDS if field in found}
