"""What other systems write for a need, a state or a language, and what it is to us. Pure."""

from collections.abc import Mapping

from clinic.lists.columns import plain


def _plainly(table: Mapping[str, str]) -> dict[str, str]:
    """By each of the words, as it is compared, the key it stands under."""
    return {plain(word): key for key, words in table.items() for word in words.split(";")}


# Only words that can mean nothing else: "hard of hearing" may need any of several things.
NEEDS = _plainly({
    "large_text": """large text; large print; big letters; bigger text; letra grande; texto grande; خط كبير;
        نص كبير; große schrift; großdruck; gros caracteres; grands caracteres; letra ampliada; letras grandes""",
    "read_aloud": """read aloud; read out; voice; speech; leer en voz alta; voz alta; قراءة بصوت عال; vorlesen;
        lire a haute voix; lecture a voix haute; ler em voz alta; leitura em voz alta""",
    "fetch": """fetch; come and get me; collect in person; call in person; collect from waiting room;
        venir a buscar; recoger en persona; يرجى الحضور لأخذي; abholen; persönlich abholen; venir chercher;
        vir buscar""",
    "interpreter": """interpreter; interpreter needed; needs interpreter; interpreter required; translator;
        interprete; necesita interprete; traductor; مترجم; يحتاج مترجم; dolmetscher; dolmetscherin;
        dolmetscher benötigt; traducteur; besoin d interprete; tradutor; precisa de interprete""",
    "more_time": """more time; extra time; longer appointment; double appointment; mas tiempo; tiempo extra;
        وقت أطول; وقت إضافي; mehr zeit; plus de temps; temps supplementaire; mais tempo; tempo extra""",
    "quiet": """quiet; quiet place; quiet room; quiet space; low stimulation; lugar tranquilo; sala tranquila;
        مكان هادئ; ruhiger raum; ruhe; ruhiger ort; endroit calme; salle calme; lugar calmo; sala calma""",
    "wheelchair": """wheelchair; wheelchair user; wheelchair access; uses wheelchair; step free access;
        silla de ruedas; كرسي متحرك; rollstuhl; rollstuhlfahrer; rollstuhlfahrerin; fauteuil roulant;
        cadeira de rodas""",
})  # fmt: skip

STATES = _plainly({
    "cancelled": """cancelled; canceled; cancelled by patient; canceled by patient; cancelled by provider;
        cancelled by clinic; deleted; noshow; no show; did not attend; dna; missed; entered in error; rescheduled;
        cancelado; cancelada; anulado; anulada; no presentado; no acudio; ملغى; ملغي; ملغاة; لم يحضر; abgesagt;
        storniert; gelöscht; nicht erschienen; annule; annulee; absent; non venu; desmarcado; desmarcada; faltou""",
    "not_booked": """proposed; waitlist; waiting list; wait list; lista de espera; قائمة الانتظار; warteliste;
        liste d attente""",
})  # fmt: skip

NO_LANGUAGE = {
    plain(word) for word in ("unknown", "und", "not specified", "unspecified", "declined", "other", "zxx", "mul")
}

# By code of ISO 639-1: its codes of three letters, its names in English, and in a few more for the commonest.
_LANGUAGES = _plainly({
    "aa": "aar; afar", "af": "afr; afrikaans", "am": "amh; amharic", "ar": "ara; arabic; arabisch; arabe; عربي",
    "az": "aze; azerbaijani", "be": "bel; belarusian", "bg": "bul; bulgarian", "bn": "ben; bengali; bangla",
    "bs": "bos; bosnian", "ca": "cat; catalan", "cs": "ces; cze; czech", "cy": "cym; wel; welsh", "da": "dan; danish",
    "de": "deu; ger; german; deutsch; aleman; allemand; alemao; الألمانية", "el": "ell; gre; greek",
    "en": "eng; english; englisch; ingles; anglais; الإنجليزية; إنجليزي",
    "es": "spa; spanish; castilian; spanisch; espagnol; espanhol; الإسبانية; castellano", "et": "est; estonian",
    "eu": "eus; baq; basque", "fa": "fas; per; persian; farsi; dari", "fi": "fin; finnish",
    "fr": "fra; fre; french; französisch; frances; français; الفرنسية", "ga": "gle; irish", "gl": "glg; galician",
    "gu": "guj; gujarati", "he": "heb; hebrew", "hi": "hin; hindi", "hr": "hrv; croatian",
    "ht": "hat; haitian creole; haitian; creole", "hu": "hun; hungarian", "hy": "hye; arm; armenian",
    "id": "ind; indonesian", "is": "isl; ice; icelandic", "it": "ita; italian", "ja": "jpn; japanese",
    "ka": "kat; geo; georgian", "kk": "kaz; kazakh", "km": "khm; khmer; cambodian", "kn": "kan; kannada",
    "ko": "kor; korean", "ku": "kur; kurdish; kurmanji; sorani", "lo": "lao; laotian", "lt": "lit; lithuanian",
    "lv": "lav; latvian", "mk": "mkd; mac; macedonian", "ml": "mal; malayalam", "mn": "mon; mongolian",
    "mr": "mar; marathi", "ms": "msa; may; malay", "mt": "mlt; maltese", "my": "mya; bur; burmese",
    "ne": "nep; nepali", "nl": "nld; dut; dutch; flemish", "no": "nor; norwegian; nob; nb; nno; nn",
    "pa": "pan; punjabi; panjabi", "pl": "pol; polish", "ps": "pus; pashto",
    "pt": "por; portuguese; portugiesisch; portugues; portugais; البرتغالية", "ro": "ron; rum; romanian; moldovan",
    "ru": "rus; russian", "si": "sin; sinhala", "sk": "slk; slo; slovak", "sl": "slv; slovenian; slovene",
    "so": "som; somali", "sq": "sqi; alb; albanian", "sr": "srp; serbian", "sv": "swe; swedish", "sw": "swa; swahili",
    "ta": "tam; tamil", "te": "tel; telugu", "th": "tha; thai", "ti": "tir; tigrinya",
    "tl": "tgl; tagalog; filipino; fil", "tr": "tur; turkish", "uk": "ukr; ukrainian", "ur": "urd; urdu",
    "uz": "uzb; uzbek", "vi": "vie; vietnamese", "yo": "yor; yoruba",
    "zh": "zho; chi; chinese; mandarin; cantonese; yue; cmn", "zu": "zul; zulu",
})  # fmt: skip


def language_of(text: str, ours: Mapping[str, str]) -> str | None:
    """The code of ours that this language is: a code ("es", "es-MX", "spa"), its English name or its own; else None.

    ours: by code, a language's own name.
    """
    own = {plain(name): code for code, name in ours.items()}
    whole, first = plain(text), plain(text.replace("_", "-").split("-")[0].split("(")[0])
    for word in (whole, first):
        code = own.get(word) or _LANGUAGES.get(word) or word
        if code in ours:
            return code
    return None


def is_no_language(text: str) -> bool:
    """Whether this says that nobody knows the language."""
    return plain(text) in NO_LANGUAGE


def need_of(text: str) -> str | None:
    """The need that these words clearly mean."""
    return NEEDS.get(plain(text))


def state_of(text: str) -> str:
    """ "cancelled", "not_booked", or empty for an appointment that stands."""
    return STATES.get(plain(text), "")
