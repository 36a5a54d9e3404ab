// A warm falling third, the same on the TV and on the phone; made here, so that no file and no network can fail it.
(() => {
  "use strict";
  let audio = null;
  function note(hertz, at, loud) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(loud, at + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.65);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.7);
  }
  // `loud`: up to 1. Answers whether it could be heard: browsers keep quiet until somebody has touched the page, or are told not to.
  window.chime = (loud = 0.6) => {
    if (!window.AudioContext) return false;
    audio = audio || new AudioContext();
    if (audio.state === "suspended") audio.resume();
    if (audio.state !== "running") return false;
    note(659.26, audio.currentTime, loud); // E5
    note(523.25, audio.currentTime + 0.45, loud); // C5
    return true;
  };
  // Some browsers let a page sound only after it was touched once: any touch will do.
  function ready() {
    if (!window.AudioContext) return;
    audio = audio || new AudioContext();
    audio.resume();
  }
  addEventListener("pointerdown", ready, { once: true });
  ready();
})();
