// The TV's voice: short clips, fetched and decoded before they are needed, played one after another. Which clips, the
// server says. Nothing here waits for a sound to end: how long it takes is known, so no sound can hold up the next.
(() => {
  "use strict";
  const WORD = 0.06; // s between two words
  const SENTENCE = 0.35; // s between two sentences
  const PATIENCE = 8000; // ms for one clip; then the next one gets its turn
  const AGAIN = 60000; // ms until clips that could not be had are asked for again
  const body = document.body;
  const decoded = new Map();
  let playing = [];
  let loading = false;

  // Its own limit: a device whose sound is stuck may never answer.
  const inTime = (promise) => Promise.race([promise, new Promise((late) => setTimeout(late, PATIENCE))]);

  async function load(clip, audio) {
    const address = `/static/voice/${clip}.mp3?v=${body.dataset.clipsVersion}`;
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
    const buffer = answer.ok && (await inTime(audio.decodeAudioData(await answer.arrayBuffer())));
    if (buffer) decoded.set(clip, buffer);
  }

  // This page's language first: it is spoken first.
  async function loadAll() {
    const audio = window.chime?.audio();
    if (loading || !audio) return;
    loading = true;
    const first = document.documentElement.lang + "/";
    const clips = body.dataset.clips.split(" ").sort((a, b) => b.startsWith(first) - a.startsWith(first));
    for (const clip of clips) {
      try {
        if (!decoded.has(clip)) await load(clip, audio);
      } catch {
        continue; // the chime and the text stand, and this clip is asked for again
      }
    }
    body.dataset.voice = clips.every((clip) => decoded.has(clip)) ? "ready" : "partly";
    loading = false;
  }

  function play(buffer, at, loudness, audio) {
    const source = audio.createBufferSource();
    const gain = audio.createGain();
    source.buffer = buffer;
    gain.gain.value = loudness;
    source.connect(gain).connect(audio.destination);
    source.start(at);
    playing.push(source);
    return at + buffer.duration;
  }

  // Say `words`, clips by their names, sentences parted by "|", from so many seconds on. A sentence of which a clip is
  // missing is left out: half a number would be another number. Answers how many seconds from now it takes.
  function say(words, loudness, from) {
    const audio = window.chime.audio();
    let at = audio.currentTime + from;
    for (const sentence of words.split("|")) {
      const buffers = sentence.split(" ").map((clip) => decoded.get(clip));
      if (buffers.includes(undefined)) continue;
      for (const buffer of buffers) at = play(buffer, at, loudness, audio) + WORD;
      at += SENTENCE;
    }
    return at - audio.currentTime;
  }

  // What a sound device that had gone to sleep would still have to say is not said into the next announcement.
  function stop() {
    for (const source of playing) source.stop();
    playing = [];
  }

  window.voice = { say, stop };
  document.addEventListener("live", (event) => { if (event.detail === "live") loadAll(); });
  setInterval(loadAll, AGAIN);
  loadAll();
})();
