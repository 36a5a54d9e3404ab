"""Makes the clips that the TV speaks: `python tools/clips.py` writes static/voice/ anew.

Needs three programs that Debian ships, and only here, never where Kindline runs: espeak-ng and flite speak, ffmpeg
cuts the silence off, makes every clip as loud as the others, and packs it. The clips are in the repository, so only
who changes a word needs this.
"""

import hashlib
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
VOICE = ROOT / "static" / "voice"

SPOKEN: dict[str, dict[str, str]] = {
    "en": {
        "number": "Number", "room": "Room", "consulting": "Consulting room", "desk": "Desk", "counter": "Counter",
        "window": "Window", "door": "Door", "chair": "Chair",
        "look": "Please look at the screen.", "test": "This is a test. Nobody is called.",
        "A": "A.", "H": "H.", "L": "L.", "R": "R.", "T": "T.", "W": "W.", "Y": "Y.",
        "0": "Zero", "1": "One", "2": "Two", "3": "Three", "4": "Four", "5": "Five", "6": "Six", "7": "Seven",
        "8": "Eight", "9": "Nine",
    },
    "es": {
        "number": "Número", "room": "Sala", "consulting": "Consulta", "desk": "Mesa", "counter": "Mostrador",
        "window": "Ventanilla", "door": "Puerta", "chair": "Silla",
        "look": "Por favor, mire la pantalla.", "test": "Esto es una prueba. No llamamos a nadie.",
        "A": "a", "H": "hache", "L": "ele", "R": "erre", "T": "te", "W": "doble u", "Y": "ye",
        "0": "cero", "1": "uno", "2": "dos", "3": "tres", "4": "cuatro", "5": "cinco", "6": "seis", "7": "siete",
        "8": "ocho", "9": "nueve",
    },
    "ar": {
        "number": "رَقْم", "room": "غُرْفَة", "consulting": "عِيَادَة", "desk": "مَكْتَب", "counter": "كَاوُنْتَر",
        "window": "شُبَّاك", "door": "بَاب", "chair": "كُرْسِي",
        "look": "مِنْ فَضْلِك، اُنْظُرْ إِلَى الشَّاشَة.", "test": "هَذَا اِخْتِبَار. لَا نُنَادِي أَحَدًا.",
        "A": "إِيه", "H": "إِتْش", "L": "إِل", "R": "آر", "T": "تِي", "W": "دَبِلْيُو", "Y": "وَاي",
        "0": "صِفْر", "1": "وَاحِد", "2": "اِثْنَان", "3": "ثَلَاثَة", "4": "أَرْبَعَة", "5": "خَمْسَة", "6": "سِتَّة",
        "7": "سَبْعَة", "8": "ثَمَانِيَة", "9": "تِسْعَة",
    },
}  # fmt: skip
"""What each clip says, by language. Arabic is written with its vowels, since the program cannot guess them."""

TRIM = "silenceremove=start_periods=1:start_threshold=-45dB"
SHAPE = f"{TRIM},areverse,{TRIM},afade=t=in:d=0.02,areverse,adelay=20,apad=pad_dur=0.06"


def speak(language: str, words: str, raw: Path) -> None:
    """Write these words as the speech program says them."""
    if language == "en":
        command = ["flite", "-voice", "rms", "--setf", "duration_stretch=1.1", "-t", words, "-o", str(raw)]
    else:
        voice = {"es": "es-419", "ar": "ar"}[language]
        command = ["espeak-ng", "-v", voice, "-s", "130", "-w", str(raw), words]
    subprocess.run(command, check=True)


def loudest(raw: Path) -> float:
    """How loud the voiced middle of this sound is, in dB."""
    command = ["ffmpeg", "-hide_banner", "-i", str(raw), "-af", f"{SHAPE},volumedetect", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return float(said.split("mean_volume:")[1].split("dB")[0])


def pack(raw: Path, clip: Path) -> None:
    """Cut, level and pack one sound: mono MP3, which every browser and set-top box decodes."""
    gain = -20.0 - loudest(raw)
    shape = f"{SHAPE},volume={gain:.1f}dB,alimiter=limit=0.89:level=disabled"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(raw), "-af", shape, "-ar", "24000", "-ac", "1"]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-id3v2_version", "0"]
    subprocess.run([*command, "-c:a", "libmp3lame", "-b:a", "40k", *plain, str(clip)], check=True)


def main() -> None:
    """Make every clip, and the list of their hashes."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.wav"
        for language, clips in SPOKEN.items():
            (VOICE / language).mkdir(parents=True, exist_ok=True)
            for name, words in clips.items():
                speak(language, words, raw)
                pack(raw, VOICE / language / f"{name}.mp3")
    made = sorted(VOICE.rglob("*.mp3"))
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT)}\n" for path in made)
    (VOICE / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    main()
