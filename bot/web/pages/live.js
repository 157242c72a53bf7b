// The live connection: connects again by itself, goes on where it stopped, loses and doubles nothing.

const PING_EVERY_MS = 25_000;
const SILENCE_MS = 60_000;
const CONNECT_MS = 10_000;
const WAKE_ANSWER_MS = 5_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const SIGN_IN_AGAIN = 4401;

export class Live {
  /**
   * @param {{after: () => number|null, onFrame: (frame: any) => void, onState: (state: "open"|"waiting"|"signed-out") => void}} ports
   */
  constructor(ports) {
    this.ports = ports;
    this.socket = null;
    this.tries = 0;
    this.heardAt = 0;
    this.isWanted = false;
    this.timers = new Map();
    addEventListener("online", () => this.nudge());
    addEventListener("offline", () => this.#lose());
    document.addEventListener("visibilitychange", () => this.#wake());
    setInterval(() => this.#watch(), 5_000);
  }

  start() {
    if (this.isWanted) return;
    this.isWanted = true;
    this.#connect();
  }

  stop() {
    this.isWanted = false;
    this.#drop();
  }

  /** Connect at once when not connected. */
  nudge() {
    if (!this.isWanted || this.socket) return;
    this.tries = 0;
    this.#connect();
  }

  #connect() {
    this.#clear();
    if (!this.isWanted) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const after = this.ports.after();
    const socket = new WebSocket(
      `${scheme}://${location.host}/api/live${after === null ? "" : `?after=${after}`}`,
    );
    this.socket = socket;
    this.heardAt = Date.now();
    this.#after("connect", CONNECT_MS, () => this.#lose());
    socket.onmessage = (event) => socket === this.socket && this.#hear(event.data);
    socket.onclose = (event) => socket === this.socket && this.#closed(event.code);
  }

  #hear(data) {
    this.heardAt = Date.now();
    this.#cancel("wake");
    const frame = JSON.parse(data);
    if (frame.kind === "hello") {
      this.#cancel("connect");
      this.#after("steady", 5_000, () => (this.tries = 0));
      this.#after("ping", PING_EVERY_MS, () => this.#ping());
      this.ports.onState("open");
    }
    if (frame.kind === "bye") this.#lose();
    else if (frame.kind !== "pong") this.ports.onFrame(frame);
  }

  #closed(code) {
    this.socket = null;
    this.#clear();
    if (code === SIGN_IN_AGAIN) {
      this.isWanted = false;
      this.ports.onState("signed-out");
      return;
    }
    this.ports.onState("waiting");
    if (this.isWanted) this.#after("retry", this.#wait(), () => this.#connect());
  }

  #wait() {
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries);
    this.tries += 1;
    return most * (0.5 + Math.random() / 2);
  }

  /** The connection is of no use any more: close it and behave as if it had closed by itself. */
  #lose() {
    if (!this.socket) return;
    this.#drop();
    this.#closed(1006);
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    this.#clear();
    socket?.close();
  }

  #ping() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"kind": "ping"}');
    this.#after("ping", PING_EVERY_MS, () => this.#ping());
  }

  #watch() {
    if (this.socket && Date.now() - this.heardAt > SILENCE_MS) this.#lose();
  }

  /** After sleep a connection often looks open and is not: ask, and wait only shortly. */
  #wake() {
    if (document.visibilityState !== "visible") return;
    this.nudge();
    if (!this.socket || Date.now() - this.heardAt < PING_EVERY_MS) return;
    this.#ping();
    this.#after("wake", WAKE_ANSWER_MS, () => this.#lose());
  }

  #after(name, delay, act) {
    this.#cancel(name);
    this.timers.set(name, setTimeout(act, delay));
  }

  #cancel(name) {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  #clear() {
    for (const name of [...this.timers.keys()]) this.#cancel(name);
  }
}
