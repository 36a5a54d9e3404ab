// A warm falling third, the same on the TV and on the phone; made here, so that no file and no network can fail it.
(() => {
  "use strict";
  const PEAK = 0.6;
  let audio = null;

  function note(hertz, at, peak) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(peak, at + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.65);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.7);
  }

  // Whether this page can be heard: browsers keep quiet until somebody has touched it, or are told not to.
  function state() {
    ready();
    return !audio ? "none" : audio.state === "running" ? "on" : "blocked";
  }

  function ready() {
    if (!window.AudioContext) return;
    audio = audio || new AudioContext();
    if (audio.state !== "running") audio.resume();
  }

  // `loudness`: 1 is as on the TV and phones, up to 1.6. Answers whether it could be heard.
  window.chime = (loudness = 1) => {
    if (state() !== "on") return false;
    note(659.26, audio.currentTime, PEAK * loudness); // E5
    note(523.25, audio.currentTime + 0.45, PEAK * loudness); // C5
    return true;
  };
  window.chime.seconds = 1.15;
  window.chime.state = state;
  window.chime.audio = () => audio;

  // Some browsers let a page sound only after it was touched once: any touch or key will do.
  addEventListener("pointerdown", ready, { once: true });
  addEventListener("keydown", ready, { once: true });
  ready();
})();
