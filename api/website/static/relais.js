/*
 * Relais: the chat of a social insurance fund, on any page of its website.
 *
 *   <script src="https://relais.example/widget/relais.js" async></script>
 *
 * Optional on the script tag (or on a <relais-chat> element of one's own, to choose its place in the page):
 *   data-language      nl or fr; else the page's <html lang>, else nl
 *   data-fund          the fund, when it is not the one the server is set up for
 *   data-sign-in-url   the portal's page that signs a member in and hands over a token
 *   nonce              for a page whose Content-Security-Policy asks for one (needed in old browsers only)
 *
 * What comes from the server is shown as text, never as HTML. The token of the conversation travels in a header, never
 * in an address. Nothing is stored but in the tab's own sessionStorage.
 */
(() => {
  "use strict";

  if (customElements.get("relais-chat")) return;

  const SCRIPT = document.currentScript ?? document.querySelector('script[src*="/widget/relais.js"]');
  const SERVER = new URL("..", SCRIPT.src).href;
  const NONCE = SCRIPT.nonce || "";

  const LANGUAGES = ["nl", "fr"];
  const MAX_CHARACTERS = 10_000;
  const COUNT_FROM = 9_000;
  const ANSWER_WITHIN = 20_000; // ms that a request may take
  const SILENCE_AT_FIRST = 6_000; // ms without a byte after which an opened stream counts as held up on the way
  const SILENCE_LATER = 45_000; // ms without a byte, heartbeats included, after which a stream counts as dead
  const POLL_BUSY = 1_500;
  const POLL_IDLE = 5_000;
  const BACK_OFF_MOST = 30_000;
  const TYPING_AFTER = 400; // most answers are there sooner: no flicker

  // ---------------------------------------------------------------------------------------------------------------
  // Small tools

  /** Makes an element. Attributes that are null or false are left out; texts become text nodes. */
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "onclick") node.addEventListener("click", value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  function icon(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }))
      svg.setAttribute(name, value);
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("d", path);
    svg.append(shape);
    return svg;
  }

  const ICONS = {
    chat: "M4 4.5h16a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5h-8.5L6.5 21.5v-4H4A1.5 1.5 0 0 1 2.5 16V6A1.5 1.5 0 0 1 4 4.5ZM7 9h10M7 13h6.5",
    close: "M6 6l12 12M18 6L6 18",
    send: "M12 19V5.5M5.5 11.5L12 5l6.5 6.5",
    down: "M12 5v13.5M5.5 12.5L12 19l6.5-6.5",
  };

  /** Fills the values between braces; a value that is missing stays visible as a defect. */
  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (mark, name) => (name in values ? String(values[name]) : mark));
  }

  /** Cuts plain text in blocks: paragraphs, and lists of the lines that start with "- ". */
  function blocksOf(text) {
    const blocks = [];
    let open = null;
    for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
      if (line.trim() === "") {
        open = null;
      } else if (line.startsWith("- ")) {
        if (open?.kind !== "list") blocks.push((open = { kind: "list", lines: [] }));
        open.lines.push(line.slice(2));
      } else if (open?.kind === "list" && /^\s/.test(line)) {
        open.lines[open.lines.length - 1] += `\n${line.trim()}`;
      } else {
        if (open?.kind !== "paragraph") blocks.push((open = { kind: "paragraph", lines: [] }));
        open.lines.push(line);
      }
    }
    return blocks;
  }

  function showText(text) {
    return blocksOf(text).map((block) =>
      block.kind === "list"
        ? make("ul", {}, ...block.lines.map((line) => make("li", {}, line)))
        : make("p", {}, block.lines.join("\n")),
    );
  }

  function formatDate(date, language) {
    const written = new Intl.DateTimeFormat(`${language}-BE`, {
      day: "numeric",
      month: "long",
      year: "numeric",
    }).format(date);
    return language === "fr" ? written.replace(/^1 /, "1er ") : written;
  }

  function formatTime(date, language) {
    const minutes = String(date.getMinutes()).padStart(2, "0");
    const time = language === "fr" ? `${date.getHours()} h ${minutes}` : `${date.getHours()}.${minutes} uur`;
    return date.toDateString() === new Date().toDateString() ? time : `${formatDate(date, language)}, ${time}`;
  }

  /** A date as sources give it ("2025-11-20"), in words; what is no date is shown as it came. */
  function formatSourceDate(text, language) {
    const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
    return parts ? formatDate(new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])), language) : text;
  }

  /** The address when it is a web address, else null: no other kind of link is ever made. */
  function webAddress(text, base) {
    try {
      const url = new URL(text, base);
      return url.protocol === "https:" || url.protocol === "http:" ? url : null;
    } catch {
      return null;
    }
  }

  /** A random id; browsers give randomUUID on https only, and a demo runs on http. */
  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /** Characters as the server counts them (code points, not UTF-16 units). */
  function lengthOf(text) {
    let count = 0;
    for (const _ of text) count += 1;
    return count;
  }

  function backOff(failures) {
    return Math.min(BACK_OFF_MOST, 1_000 * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random() / 2);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Requests

  /** A request that did not succeed. `status` 0: no answer came. `message` is the server's own, fit for the member. */
  class Failure extends Error {
    constructor(status, { message = "", code = "", retryAfter = null } = {}) {
      super(message);
      this.status = status;
      this.code = code;
      this.retryAfter = retryAfter;
    }

    /** The conversation is gone, or its token no longer opens it. */
    get gone() {
      return this.status === 401 || this.status === 404;
    }

    /** The same request may succeed later. */
    get passing() {
      return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
    }
  }

  function retryAfterOf(response) {
    const value = response.headers.get("Retry-After");
    if (value === null) return null;
    const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
    return Number.isNaN(ms) ? null : Math.max(ms, 0);
  }

  async function failureOf(response) {
    let error = {};
    try {
      error = (await response.json()).error ?? {};
    } catch {
      // Not from Relais (a proxy's page): the status says enough.
    }
    const text = (value) => (typeof value === "string" ? value : "");
    return new Failure(response.status, {
      message: text(error.message),
      code: text(error.code),
      retryAfter: retryAfterOf(response),
    });
  }

  async function request(url, { method = "GET", token, body, language, headers = {}, signal }) {
    const all = { Accept: "application/json", ...headers };
    if (language) all["Accept-Language"] = language;
    if (token) all.Authorization = `Bearer ${token}`;
    if (body !== undefined) all["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(url, {
        method,
        headers: all,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal,
      });
    } catch {
      throw new Failure(0);
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  /** One request and its JSON (null for an empty answer). Throws Failure. */
  async function ask(url, options = {}) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), ANSWER_WITHIN);
    const stop = () => limit.abort();
    options.signal?.addEventListener("abort", stop);
    try {
      if (options.signal?.aborted) throw new Failure(0);
      const response = await request(url, { ...options, signal: limit.signal });
      if (response.status === 204) return null;
      return await response.json();
    } catch (error) {
      throw error instanceof Failure ? error : new Failure(0); // broken off halfway, or not JSON
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", stop);
    }
  }

  /** Reads server-sent events, and gives {event, data} one by one; `onBytes` is told of every sign of life. */
  async function* readEvents(response, onBytes) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let event = "message";
    let data = [];
    try {
      for (;;) {
        const { done, value } = await reader.read().catch(() => {
          throw new Failure(0);
        });
        if (done) return;
        onBytes();
        rest += value;
        // A \r at the very end may be the first half of \r\n: it waits for what follows.
        const lines = rest.split(/\r\n|\n|\r(?!$)/);
        rest = lines.pop();
        for (const line of lines) {
          if (line === "") {
            if (data.length) yield { event, data: data.join("\n") };
            event = "message";
            data = [];
            continue;
          }
          const colon = line.indexOf(":");
          const field = colon < 0 ? line : line.slice(0, colon);
          const content = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
          if (field === "event") event = content;
          else if (field === "data") data.push(content);
        }
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // What the tab remembers

  /** One record per server and fund in sessionStorage; where that is forbidden, the page's own memory does. */
  function openStore(fund) {
    const key = `relais ${SERVER} ${fund ?? ""}`;
    const empty = {
      id: null,
      token: null,
      language: null,
      page: null,
      spoken: null,
      seen: null,
      open: false,
      outbox: [],
    };
    let record = empty;
    try {
      record = { ...empty, ...JSON.parse(sessionStorage.getItem(key) ?? "{}") };
    } catch {
      // Unreadable or forbidden: begin anew.
    }
    return {
      record,
      save(changes = {}) {
        Object.assign(record, changes);
        try {
          sessionStorage.setItem(key, JSON.stringify(record));
        } catch {
          // Forbidden or full: the conversation then lasts as long as the page.
        }
      },
    };
  }

  // ---------------------------------------------------------------------------------------------------------------
  // The conversation: sends what the member writes, in order and once; receives what is said, in order and once.

  /**
   * `listener` is told: message(message), state(state), queued(item), accepted(item, id), refused(item, failure),
   * waiting(failure, ms), connection(up), renewed().
   */
  class Conversation {
    constructor({ fund, store, listener }) {
      this.fund = fund;
      this.store = store;
      this.listener = listener;
      this.state = null;
      this.stateAge = 0;
      this.proven = Boolean(store.record.id); // a token that once worked may be told to be worthless
      this.reset();
      // Whether the server has what a reload cut off is unknown: sending it again under the same id is safe.
      for (const item of store.record.outbox) item.posted = true;
    }

    reset() {
      this.last = null; // id of the last message received, where the stream goes on
      this.known = new Set();
      this.held = [];
      this.life = new AbortController();
      this.state = null;
    }

    get record() {
      return this.store.record;
    }

    get started() {
      return this.record.id !== null;
    }

    get outbox() {
      return this.record.outbox;
    }

    /** Takes up what the tab remembers: tells the log, sends what was not sent, listens. */
    resume() {
      for (const item of this.outbox) this.listener.queued(item);
      if (this.started) this.listen();
      this.deliver();
    }

    stop() {
      this.life.abort();
    }

    /** Goes on after stop(). */
    restart() {
      if (!this.life.signal.aborted) return;
      this.life = new AbortController();
      if (this.started) this.listen();
    }

    /** Ends every pause at once and opens the stream anew: the connection may be back, or another one. */
    wake() {
      this.line?.abort();
      this.endPause?.();
      this.endSendPause?.();
    }

    /** The connection is back: what waited for it is sent now, and not at the end of its pause. */
    hurry() {
      if (this.sendFailure?.status === 0) this.endSendPause?.();
    }

    pause(ms, name) {
      return new Promise((resolve) => {
        const { signal } = this.life;
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", end);
          if (this[name] === end) this[name] = null;
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener("abort", end);
        this[name] = end;
      });
    }

    /** A request on this conversation. A token that worked before and works no longer begins a new conversation. */
    async call(method, path, { body, signal } = {}) {
      const { id, token, language } = this.record;
      try {
        const result = await ask(`${SERVER}api/conversations/${id}${path}`, { method, token, body, language, signal });
        this.proven = true;
        return result;
      } catch (failure) {
        this.renewIfGone(failure, id);
        throw failure;
      }
    }

    renewIfGone(failure, id) {
      if (!failure.gone) return;
      failure.renewed = id !== this.record.id || this.proven;
      if (id !== this.record.id || !this.proven) return;
      this.life.abort();
      this.reset();
      this.proven = false;
      for (const item of this.outbox) item.posted = false;
      this.store.save({ id: null, token: null, spoken: null, seen: null });
      this.listener.renewed();
    }

    /** Starts the conversation on the server when there is none yet. */
    ensure() {
      if (this.started) return Promise.resolve();
      this.starting ??= this.begin().finally(() => {
        this.starting = null;
      });
      return this.starting;
    }

    async begin() {
      const { language } = this.record;
      const body = this.fund ? { language, fund: this.fund } : { language };
      const { id, token } = await ask(`${SERVER}api/conversations`, { method: "POST", body, language });
      this.store.save({ id, token, spoken: language });
      this.listen();
    }

    // Sending

    send(text) {
      const item = { clientId: newId(), text, at: new Date().toISOString(), posted: false };
      this.outbox.push(item);
      this.store.save();
      this.listener.queued(item);
      this.deliver();
    }

    /** Sends what waits, one after the other, until nothing waits. The same client id makes every repetition harmless. */
    async deliver() {
      if (this.delivering) return;
      this.delivering = true;
      let failures = 0;
      while (this.outbox.length) {
        const item = this.outbox[0];
        try {
          await this.ensure();
          item.posted = true;
          this.store.save();
          const { id } = await this.call("POST", "/messages", { body: { client_id: item.clientId, text: item.text } });
          failures = 0;
          this.listener.connection(true);
          this.accept(item, id);
        } catch (failure) {
          if (failure.renewed) continue; // the message goes to the new conversation
          if (!(failure instanceof Failure)) reportError(failure);
          failures += 1;
          if (failure.passing || failure.gone || !(failure instanceof Failure)) {
            if (failure.status === 429) item.posted = false;
            const ms = failure.retryAfter ?? (failure.status === 429 ? 10_000 : backOff(failures));
            this.sendFailure = failure;
            this.listener.waiting(failure, ms);
            await this.pause(ms, "endSendPause");
          } else {
            this.drop(item);
            this.listener.refused(item, failure);
            this.release();
          }
        }
      }
      this.delivering = false;
    }

    drop(item) {
      this.outbox.splice(this.outbox.indexOf(item), 1);
      this.store.save();
    }

    accept(item, id) {
      this.drop(item);
      this.known.add(id);
      this.awaited = id;
      const answered = this.held.some((message) => message.in_reply_to === id);
      this.listener.accepted(item, id);
      this.release();
      if (this.state?.owner === "bot" && !answered) this.tell({ ...this.state, busy: true });
    }

    // Receiving

    /**
     * The server may show the member's own message before it has said under which id it was stored. Until that is
     * known the message, and what follows it, is held back: so no line ever stands there twice.
     */
    receive(message) {
      if (this.last === null || message.id > this.last) this.last = message.id;
      const perhapsOurs = message.from === "member" && !this.known.has(message.id) && this.outbox[0]?.posted;
      if (this.held.length || perhapsOurs) this.held.push(message);
      else this.pass(message);
    }

    release() {
      const held = this.held;
      this.held = [];
      for (const message of held) this.receive(message);
    }

    pass(message) {
      this.known.add(message.id);
      this.listener.message(message);
      if (message.from === "bot" && message.in_reply_to === this.awaited && this.state?.busy)
        this.tell({ ...this.state, busy: false });
      if (message.from === "system" && !this.catchingUp) this.refresh().catch(() => {}); // the stream will say it again
    }

    tell(state) {
      this.state = state;
      this.stateAge += 1;
      this.listener.state(state);
    }

    /** Asks for the state; an answer that the stream has overtaken is dropped. */
    async refresh() {
      const age = this.stateAge;
      const state = await this.call("GET", "", { signal: this.life.signal });
      if (age === this.stateAge) this.tell(state);
    }

    async catchUp() {
      const after = this.last === null ? "" : `?after=${encodeURIComponent(this.last)}`;
      const messages = await this.call("GET", `/messages${after}`, { signal: this.life.signal });
      this.catchingUp = true; // the state is asked for once, after all of them
      try {
        for (const message of messages) this.receive(message);
      } finally {
        this.catchingUp = false;
      }
      await this.refresh();
    }

    /** Listens as long as the conversation lives: by the event stream, and by asking again and again while that fails. */
    async listen() {
      const { signal } = this.life;
      let failures = 0;
      let streamFailures = 0;
      let streamFrom = 0; // not before this moment is the stream tried again
      let caughtUp = this.last !== null;
      while (!signal.aborted) {
        try {
          if (caughtUp && performance.now() >= streamFrom) {
            const heard = await this.follow(signal);
            if (signal.aborted) return;
            streamFailures = heard ? 1 : streamFailures + 1;
            streamFrom = performance.now() + (heard ? 1_000 * Math.random() : backOff(streamFailures + 2));
          }
          await this.catchUp();
          caughtUp = true;
          if (failures > 0) this.hurry();
          failures = 0;
          this.listener.connection(true);
          const wait = Math.max(streamFrom - performance.now(), 0);
          await this.pause(Math.min(wait, this.state?.busy ? POLL_BUSY : POLL_IDLE), "endPause");
        } catch (failure) {
          if (signal.aborted) return;
          if (!(failure instanceof Failure)) reportError(failure);
          failures += 1;
          streamFrom = 0;
          if (failure.status !== 429) this.listener.connection(false);
          await this.pause(failure.retryAfter ?? backOff(failures), "endPause");
        }
      }
    }

    /** Reads the event stream until it ends; true when anything came. Throws Failure when the conversation is gone. */
    async follow(signal) {
      const { id, token, language } = this.record;
      const line = (this.line = new AbortController());
      const stop = () => line.abort();
      signal.addEventListener("abort", stop);
      let heard = false;
      let timer = setTimeout(stop, SILENCE_AT_FIRST);
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE_LATER);
        if (heard) return;
        heard = true;
        this.listener.connection(true);
        this.hurry();
      };
      try {
        const headers = { Accept: "text/event-stream", "Last-Event-ID": String(this.last ?? 0) };
        const response = await request(`${SERVER}api/conversations/${id}/events`, {
          token,
          language,
          headers,
          signal: line.signal,
        });
        if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) return false;
        for await (const { event, data } of readEvents(response, alive)) {
          if (signal.aborted) break;
          if (event === "message") this.receive(JSON.parse(data));
          else if (event === "state") this.tell(JSON.parse(data));
        }
      } catch (error) {
        if (error instanceof Failure && error.gone) {
          this.renewIfGone(error, id);
          throw error;
        }
        if (!(error instanceof Failure)) reportError(error);
        // Broken off: what was missed is asked for, and the stream is opened again from the last message received.
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        line.abort();
      }
      return heard;
    }

    // Signing in and out

    /** Signs the member in with the portal's token. A refused token says nothing about the conversation itself. */
    async signIn(token) {
      await this.ensure();
      const { id, token: own, language } = this.record;
      const url = `${SERVER}api/conversations/${id}/sign-in`;
      try {
        await ask(url, { method: "POST", token: own, language, body: { token } });
      } finally {
        await this.refresh().catch(() => {});
      }
    }

    async signOut() {
      await this.call("DELETE", "/sign-in");
      await this.refresh().catch(() => {});
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Looks

  // The window fills the screen where there is no room beside it.
  const SMALL_SCREEN = "(max-width: 35em), (max-height: 30em)";

  const STYLE = `
    :host {
      all: initial;
      color-scheme: light dark;
      --surface: #ffffff; --ground: #f5f7f8; --ink: #18242b; --soft: #52616a; --line: #d5dde1; --edge: #6d7f88;
      --accent: #0b566b; --accent-strong: #083f4f; --on-accent: #ffffff; --tint: #e8f1f3;
      --bot: #ffffff; --bot-edge: #d5dde1; --member: #0b566b; --on-member: #ffffff; --officer: #faf1dd; --officer-edge: #8a6414;
      --warning: #fff6dc; --warning-ink: #5a4200; --warning-line: #d9b95c;
      --error: #fdeceb; --error-ink: #8c1d18; --error-line: #d98e89;
      --shadow: 0 1px 2px rgb(16 32 40 / .12), 0 12px 36px rgb(16 32 40 / .22);
    }
    @media (prefers-color-scheme: dark) {
      :host {
        --surface: #182126; --ground: #11181c; --ink: #e7edf0; --soft: #a9b7be; --line: #324047; --edge: #83959e;
        --accent: #7cc7d8; --accent-strong: #a6dbe7; --on-accent: #06232b; --tint: #1e3138;
        --bot: #233037; --bot-edge: #35454d; --member: #1f5363; --on-member: #f0f8fa; --officer: #37301f; --officer-edge: #d8b364;
        --warning: #372f16; --warning-ink: #f2dfa4; --warning-line: #7c6727;
        --error: #3d1f1d; --error-ink: #ffc9c4; --error-line: #8f4a45;
        --shadow: 0 0 0 1px #324047, 0 12px 36px rgb(0 0 0 / .55);
      }
    }
    *, *::before, *::after { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .widget { font: 400 1em/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; color: var(--ink); }
    p, ol, ul, h2 { margin: 0; padding: 0; }
    button, textarea { font: inherit; color: inherit; margin: 0; }
    button { cursor: pointer; background: none; border: 1px solid transparent; border-radius: .5em; padding: 0; }
    button:disabled { cursor: default; }
    :focus { outline: none; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    svg { width: 1.375em; height: 1.375em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

    .launcher {
      position: fixed; z-index: 2147483000; right: 1.25em; bottom: calc(1.25em + env(safe-area-inset-bottom, 0px));
      display: inline-flex; align-items: center; gap: .625em; min-height: 3.25em; padding: .5em 1.25em .5em 1em;
      border-radius: 2em; background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: var(--shadow);
    }
    .launcher:hover { background: var(--accent-strong); }
    /* The button lies on a page of any colour: a white ring between two dark ones. */
    .launcher:focus-visible { outline: 3px solid #ffffff; outline-offset: 2px; box-shadow: 0 0 0 2px #06232b, 0 0 0 7px #06232b; }
    .badge { min-width: 1.6em; padding: 0 .4em; border-radius: 1em; background: var(--on-accent); color: var(--accent); font-size: .875em; line-height: 1.6; text-align: center; }

    .panel {
      position: fixed; z-index: 2147483000; right: 1.25em; bottom: 1.25em;
      display: flex; flex-direction: column; width: 25.5em; height: min(43em, calc(100dvh - 2.5em));
      background: var(--surface); border: 1px solid var(--line); border-radius: 1em; box-shadow: var(--shadow); overflow: hidden;
    }
    .panel:focus-visible { outline-offset: -3px; }
    .head { display: grid; grid-template-columns: 1fr auto; gap: .625em .5em; padding: .875em .875em .75em 1.125em; border-bottom: 1px solid var(--line); }
    h2 { font-size: 1.0625em; line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; }
    .owner { display: flex; gap: .5em; color: var(--soft); font-size: .875em; line-height: 1.4; }
    .owner::before { content: ""; flex: none; width: .625em; height: .625em; margin-top: .4em; border-radius: 50%; background: var(--accent); }
    .owner.queue::before { background: none; border: 2px solid var(--officer-edge); }
    .owner.officer::before { background: var(--officer-edge); border-radius: 2px; }
    .close { width: 2.5em; height: 2.5em; display: grid; place-items: center; color: var(--soft); }
    .close:hover, .tool:hover { background: var(--tint); color: var(--ink); }
    .tools { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; gap: .5em; font-size: .875em; }
    .languages { display: inline-flex; border: 1px solid var(--edge); border-radius: .5em; }
    .languages button { min-width: 2.75em; min-height: 2.125em; padding: 0 .625em; border-radius: calc(.5em - 1px); }
    .languages button[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
    .session { display: inline-flex; align-items: center; gap: .625em; margin-left: auto; }
    .session .state { color: var(--soft); }
    .tool { min-height: 2.285em; padding: 0 .75em; border-color: var(--edge); }

    .log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 1em 1em .5em; background: var(--ground); scrollbar-width: thin; }
    .log:focus-visible { outline-offset: -3px; }
    .lines { list-style: none; display: flex; flex-direction: column; gap: .875em; min-height: 100%; }
    .line { display: flex; flex-direction: column; align-items: flex-start; max-width: 92%; }
    .line.member { align-self: flex-end; align-items: flex-end; }
    .line.system { align-self: center; align-items: center; max-width: 100%; text-align: center; color: var(--soft); }
    .about { display: flex; gap: .5em; margin: 0 .25em .1875em; color: var(--soft); font-size: .8125em; line-height: 1.4; }
    .author { font-weight: 600; color: var(--ink); }
    .said { padding: .625em .875em; border: 1px solid transparent; border-radius: .875em; font-size: .9375em; overflow-wrap: anywhere; background: var(--bot); }
    .bot .said { border-color: var(--bot-edge); border-top-left-radius: .25em; }
    .member .said { background: var(--member); color: var(--on-member); border-top-right-radius: .25em; }
    .officer .said { background: var(--officer); border-color: var(--officer-edge); border-top-left-radius: .25em; }
    .system .said { background: none; padding: 0 .5em; font-size: .875em; }
    .pending .said { border: 1px dashed currentColor; }
    .said p { white-space: pre-line; }
    .said > * + * { margin-top: .625em; }
    .said ul { padding-left: 1.25em; list-style: disc; }
    .said li { white-space: pre-line; }
    .said li + li { margin-top: .25em; }
    .said a, .sources a { color: var(--accent); text-underline-offset: .15em; overflow-wrap: anywhere; }
    .sources { margin-top: .625em; padding-top: .5em; border-top: 1px solid var(--line); font-size: .9333em; }
    summary { display: list-item; width: fit-content; padding: .125em .25em .125em 0; border-radius: .25em; color: var(--soft); cursor: pointer; }
    .sources ul { padding-left: 1.125em; }
    .sources li { margin-top: .375em; }
    .sources .date { display: block; color: var(--soft); font-size: .9286em; }
    .choices { display: flex; flex-wrap: wrap; gap: .5em; margin-top: .625em; padding: 0; list-style: none; }
    .choices button, .change { min-height: 2.25em; padding: .3125em .875em; border: 1px solid var(--accent); border-radius: 1.25em; background: var(--surface); color: var(--accent); font-size: .9375em; line-height: 1.35; text-align: left; overflow-wrap: anywhere; }
    .choices button:hover, .change:hover { background: var(--tint); color: var(--accent-strong); }
    .note { margin-top: .25em; font-size: .8125em; color: var(--soft); text-align: right; }
    .note.failed { color: var(--error-ink); }
    .change { margin-top: .375em; }

    .foot { position: relative; padding: .5em .875em calc(.75em + env(safe-area-inset-bottom, 0px)); background: var(--surface); border-top: 1px solid var(--line); }
    .newest { position: absolute; left: 50%; top: 0; transform: translate(-50%, calc(-100% - .5em)); display: inline-flex; align-items: center; gap: .375em; min-height: 2.25em; padding: 0 .875em; border-radius: 1.25em; background: var(--accent); color: var(--on-accent); font-size: .875em; white-space: nowrap; box-shadow: var(--shadow); }
    .newest svg { width: 1.125em; height: 1.125em; }
    .typing { display: flex; align-items: center; gap: .5em; min-height: 1.5em; font-size: .8125em; color: var(--soft); }
    .typing:empty { min-height: 0; }
    .dots { display: inline-flex; gap: .25em; }
    .dots i { width: .375em; height: .375em; border-radius: 50%; background: var(--accent); animation: dot 1.2s infinite ease-in-out; }
    .dots i:nth-child(2) { animation-delay: .15s; }
    .dots i:nth-child(3) { animation-delay: .3s; }
    @keyframes dot { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
    .banner, .error { padding: .5em .75em; margin: .125em 0 .5em; border: 1px solid; border-radius: .5em; font-size: .875em; line-height: 1.4; }
    .banner:empty, .error:empty { display: none; }
    .banner { background: var(--tint); border-color: var(--line); }
    .banner.trouble { background: var(--warning); color: var(--warning-ink); border-color: var(--warning-line); }
    .error { background: var(--error); color: var(--error-ink); border-color: var(--error-line); }
    .writing { display: flex; align-items: flex-end; gap: .5em; padding-top: .25em; }
    textarea { flex: 1; min-width: 0; min-height: 2.75em; max-height: 9.5em; padding: .5625em .75em; resize: none; overflow-y: auto; border: 1px solid var(--edge); border-radius: .75em; background: var(--surface); line-height: 1.45; }
    textarea::placeholder { color: var(--soft); opacity: 1; }
    textarea:focus-visible { outline-offset: 0; }
    textarea[aria-invalid="true"] { border-color: var(--error-ink); }
    .send { flex: none; width: 2.75em; height: 2.75em; display: grid; place-items: center; border-radius: .75em; background: var(--accent); color: var(--on-accent); }
    .send:hover { background: var(--accent-strong); }
    .send:disabled { background: none; border-color: var(--edge); color: var(--soft); }
    .counter { margin-top: .375em; font-size: .8125em; color: var(--soft); }
    .counter.over { color: var(--error-ink); font-weight: 600; }

    @media ${SMALL_SCREEN} {
      .panel { inset: 0; top: var(--top, 0px); bottom: auto; width: 100%; height: var(--height, 100dvh); border: 0; border-radius: 0; }
      .head { padding-top: calc(.75em + env(safe-area-inset-top, 0px)); touch-action: none; }
      .launcher { right: 1em; bottom: calc(1em + env(safe-area-inset-bottom, 0px)); }
    }
    @media (max-height: 30em) {
      .head { grid-template-columns: 1fr auto auto; align-items: center; padding-block: .375em; }
      .tools { grid-column: 2; grid-row: 1; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel { animation: rise .16s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(.75em); } }
    }
    @media (prefers-reduced-motion: reduce) { .dots i { animation: none; opacity: .7; } }
    @media (forced-colors: active) {
      .said, .launcher, .send, .newest, .badge { border: 1px solid; }
      .languages button[aria-pressed="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; }
      .owner::before, .dots i { background: CanvasText; forced-color-adjust: none; }
    }
    @media print { :host { display: none; } }
  `;

  function dress(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = make("style", { nonce: NONCE || null });
      style.textContent = STYLE;
      root.append(style);
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // The element

  const languageOf = (text) =>
    LANGUAGES.find((language) => (text ?? "").toLowerCase().split("-")[0] === language) ?? null;

  class RelaisChat extends HTMLElement {
    #root = this.attachShadow({ mode: "open" });
    #attached = null;
    #conversation = null;
    #store = null;
    #content = null; // {fund, texts} in the language shown
    #contents = new Map(); // language -> promise of its content
    #parts = null;
    #lines = []; // everything under the introduction, in the order shown
    #state = null;
    #officer = null;
    #popup = null;
    #quiet = true; // while the log of before is put back nothing is read aloud
    #down = false;
    #waiting = null;
    #notice = null;
    #pinned = true; // the end of the log is in sight
    #timers = {};

    connectedCallback() {
      this.#attached = new AbortController();
      if (this.#parts) {
        this.#watch();
        this.#conversation.restart();
      } else {
        this.#begin(this.#attached.signal);
      }
    }

    disconnectedCallback() {
      this.#attached.abort();
      this.#conversation?.stop();
    }

    async #begin(signal) {
      const fund = this.dataset.fund || null;
      const page = languageOf(this.dataset.language) ?? languageOf(document.documentElement.lang) ?? "nl";
      this.#store ??= openStore(fund);
      // The language chosen in the chat holds until the visitor goes to a page in another language.
      if (this.#store.record.page !== page) this.#store.save({ page, language: page });
      for (let failures = 1; ; failures += 1) {
        try {
          this.#content = await this.#load(this.#store.record.language);
          break;
        } catch (failure) {
          if (!failure.passing) {
            console.error(`Relais: no chat on this page: ${failure.message || failure.status}`);
            return;
          }
          await new Promise((resolve) => setTimeout(resolve, backOff(failures)));
        }
        if (signal.aborted) return;
      }
      if (signal.aborted || this.#parts) return;
      this.#build();
      this.#conversation = new Conversation({ fund, store: this.#store, listener: this.#listener() });
      this.#watch();
      this.#relabel();
      if (!this.#conversation.started) this.#speakUp();
      this.#conversation.resume();
      if (this.#store.record.open && (!this.#small.matches || isReload())) this.#show({ focus: false });
    }

    /** The texts in a language, asked for once. */
    #load(language) {
      if (!this.#contents.has(language)) {
        const url = new URL("widget/texts", SERVER);
        url.searchParams.set("language", language);
        if (this.dataset.fund) url.searchParams.set("fund", this.dataset.fund);
        const content = ask(url.href, { language });
        content.catch(() => this.#contents.delete(language));
        this.#contents.set(language, content);
      }
      return this.#contents.get(language);
    }

    #say(key, values = {}) {
      return fill(this.#content.texts[key] ?? key, { fund: this.#content.fund.name, ...values });
    }

    get #language() {
      return this.#store.record.language;
    }

    get #signInUrl() {
      return this.dataset.signInUrl ? webAddress(this.dataset.signInUrl, document.baseURI) : null;
    }

    #small = matchMedia(SMALL_SCREEN);

    // Building

    #build() {
      const parts = {};
      parts.launcher = make("button", {
        type: "button",
        class: "launcher",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: () => this.#show(),
      });
      parts.owner = make("p", { class: "owner", id: "owner", role: "status" });
      parts.title = make("h2", { id: "title" });
      parts.close = make("button", { type: "button", class: "close", onclick: () => this.#hide() }, icon(ICONS.close));
      parts.languages = make("div", { class: "languages", role: "group" });
      for (const language of LANGUAGES) {
        const button = make(
          "button",
          { type: "button", onclick: () => this.#switchLanguage(language) },
          language.toUpperCase(),
        );
        parts[language] = button;
        parts.languages.append(button);
      }
      parts.signedIn = make("span", { class: "state", role: "status" });
      parts.session = make("button", {
        type: "button",
        class: "tool",
        onclick: () => (this.#state?.signed_in ? this.#signOut() : this.#openSignIn()),
      });
      parts.introduction = make("li", { class: "line bot" });
      parts.lines = make("ol", { class: "lines", role: "list" }, parts.introduction);
      parts.log = make("div", { class: "log", role: "log", tabindex: "0", "aria-live": "off" }, parts.lines);
      parts.newest = make("button", { type: "button", class: "newest", hidden: true, onclick: () => this.#toNewest() });
      parts.typing = make("p", { class: "typing", role: "status" });
      parts.banner = make("p", { class: "banner", role: "status" });
      parts.error = make("p", { class: "error", role: "alert" });
      parts.label = make("label", { for: "message", class: "unseen" });
      parts.text = make("textarea", {
        id: "message",
        rows: "1",
        autocomplete: "off",
        enterkeyhint: "send",
        "aria-describedby": "keys counter",
      });
      parts.send = make(
        "button",
        { type: "button", class: "send", disabled: true, onclick: () => this.#sendWritten() },
        icon(ICONS.send),
      );
      parts.whisper = make("p", { class: "unseen", role: "status" });
      parts.keys = make("p", { id: "keys", class: "unseen" });
      parts.counter = make("p", { id: "counter", class: "counter", hidden: true });
      parts.panel = make(
        "div",
        {
          class: "panel",
          role: "dialog",
          tabindex: "-1",
          "aria-labelledby": "title",
          "aria-describedby": "owner",
          hidden: true,
        },
        make(
          "div",
          { class: "head" },
          make("div", {}, parts.title, parts.owner),
          parts.close,
          make(
            "div",
            { class: "tools" },
            parts.languages,
            make("span", { class: "session" }, parts.signedIn, parts.session),
          ),
        ),
        parts.log,
        make(
          "div",
          { class: "foot" },
          parts.newest,
          parts.typing,
          parts.banner,
          parts.error,
          parts.whisper,
          parts.label,
          make("div", { class: "writing" }, parts.text, parts.send),
          parts.keys,
          parts.counter,
        ),
      );
      parts.announcer = make("p", { class: "unseen", role: "status" });
      parts.widget = make("div", { class: "widget" }, parts.launcher, parts.panel, parts.announcer);
      this.#parts = parts;

      parts.panel.addEventListener("keydown", (event) => this.#onKey(event));
      // The page's own shortcuts must not see what is typed here.
      for (const type of ["keydown", "keypress", "keyup"])
        parts.panel.addEventListener(type, (event) => event.stopPropagation());
      parts.text.addEventListener("input", () => this.#onInput());
      parts.log.addEventListener("scroll", () => {
        this.#pinned = this.#atEnd();
        if (this.#pinned) parts.newest.hidden = true;
      });
      // A notice or a longer message below makes the log smaller: its last line stays in sight.
      new ResizeObserver(() => this.#pinned && this.#scrollToEnd()).observe(parts.log);
      dress(this.#root);
      this.#root.append(parts.widget);
    }

    /** Listens to the page, as long as the element stands in it. */
    #watch() {
      const { signal } = this.#attached;
      const options = { signal };
      addEventListener("online", () => this.#conversation.wake(), options);
      addEventListener("offline", () => this.#setDown(true, 0), options);
      addEventListener("message", (event) => this.#onSignIn(event), options);
      // A page that is put aside must not keep a stream open; one that comes back goes on.
      addEventListener("pagehide", () => this.#conversation.stop(), options);
      addEventListener("pageshow", (event) => event.persisted && this.#conversation.restart(), options);
      this.#small.addEventListener("change", () => this.#fit(), options);
      visualViewport?.addEventListener("resize", () => this.#fit(), options);
      visualViewport?.addEventListener("scroll", () => this.#fit(), options);
    }

    /** On a small screen the window fills what the on-screen keyboard leaves, and is modal. */
    #fit() {
      const { panel } = this.#parts;
      panel.setAttribute("aria-modal", String(this.#small.matches));
      if (this.#small.matches && visualViewport && visualViewport.scale === 1) {
        panel.style.setProperty("--height", `${visualViewport.height}px`);
        panel.style.setProperty("--top", `${visualViewport.offsetTop}px`);
      } else {
        panel.style.removeProperty("--height");
        panel.style.removeProperty("--top");
      }
    }

    /** Puts every text in the language shown. */
    #relabel() {
      const parts = this.#parts;
      parts.widget.lang = this.#language;
      parts.title.textContent = this.#say("title");
      this.#name(parts.close, "close");
      this.#name(parts.languages, "language");
      for (const language of LANGUAGES) {
        parts[language].setAttribute("aria-pressed", String(language === this.#language));
        parts[language].setAttribute("aria-label", `${language.toUpperCase()}: ${this.#say(`language_${language}`)}`);
      }
      this.#name(parts.log, "log");
      parts.newest.replaceChildren(icon(ICONS.down), this.#say("to_newest"));
      parts.label.textContent = this.#say("message");
      parts.text.placeholder = this.#say("message_hint");
      this.#name(parts.send, "send");
      parts.keys.textContent = this.#say("message_keys");
      parts.error.textContent = "";
      this.#notice = null;
      this.#introduce();
      for (const line of this.#lines) this.#redraw(line);
      this.#showChoices();
      this.#showUnread();
      this.#showState();
      this.#showBanner();
      this.#onInput();
    }

    #name(node, key) {
      node.setAttribute("aria-label", this.#say(key));
      if (node.localName === "button") node.title = this.#say(key);
    }

    // Opening and closing

    get #isOpen() {
      return !this.#parts.panel.hidden;
    }

    #show({ focus = true } = {}) {
      const { panel, launcher, text } = this.#parts;
      panel.hidden = false;
      launcher.hidden = true;
      launcher.setAttribute("aria-expanded", "true");
      this.#fit();
      this.#store.save({ open: true });
      this.#markSeen();
      this.#scrollToEnd();
      // On a touch screen the keyboard would hide the first lines.
      if (focus) (touch() ? panel : text).focus();
      for (const language of LANGUAGES) this.#load(language).catch(() => {}); // so that the switch works off line too
    }

    #hide() {
      const { panel, launcher } = this.#parts;
      panel.hidden = true;
      launcher.hidden = false;
      launcher.setAttribute("aria-expanded", "false");
      this.#store.save({ open: false });
      this.#showUnread();
      launcher.focus();
    }

    #onKey(event) {
      if (event.isComposing) return;
      if (event.key === "Escape") {
        event.preventDefault();
        this.#hide();
      } else if (event.key === "Tab") {
        this.#keepFocus(event);
      } else if (event.key === "Enter" && !event.shiftKey && event.target === this.#parts.text) {
        event.preventDefault();
        this.#sendWritten();
      }
    }

    /** Tab goes round inside the window; Escape leaves it. */
    #keepFocus(event) {
      const reachable = [
        ...this.#parts.panel.querySelectorAll("button:not(:disabled), textarea, a[href], summary, [tabindex='0']"),
      ].filter(
        (node) =>
          node.getClientRects().length > 0 && (node.localName === "summary" || !node.closest("details:not([open])")),
      );
      const first = reachable[0];
      const last = reachable[reachable.length - 1];
      const now = this.#root.activeElement;
      if (event.shiftKey ? now === first || now === this.#parts.panel : now === last) {
        event.preventDefault();
        (event.shiftKey ? last : first).focus();
      }
    }

    // Writing

    #onInput() {
      const { text, counter, send } = this.#parts;
      const count = lengthOf(text.value.trim());
      const over = count > MAX_CHARACTERS;
      const wasOver = text.getAttribute("aria-invalid") === "true";
      send.disabled = count === 0 || over;
      counter.hidden = count < COUNT_FROM;
      counter.classList.toggle("over", over);
      if (over) counter.textContent = this.#say("characters_over", { count: this.#number(count - MAX_CHARACTERS) });
      else if (counter.hidden) counter.textContent = "";
      else counter.textContent = this.#say("characters_left", { count: this.#number(MAX_CHARACTERS - count) });
      text.setAttribute("aria-invalid", String(over));
      if (over && !wasOver) this.#announce(counter.textContent);
      text.style.height = "auto";
      if (text.scrollHeight) text.style.height = `${text.scrollHeight + 2}px`; // and its border
    }

    #number(count) {
      return new Intl.NumberFormat(`${this.#language}-BE`).format(count);
    }

    #sendWritten() {
      const { text, send } = this.#parts;
      if (send.disabled) return;
      const written = text.value.trim();
      text.value = "";
      this.#onInput();
      text.focus();
      this.#send(written);
    }

    #send(text) {
      this.#parts.error.textContent = "";
      this.#parts.whisper.textContent = "";
      this.#notice = null;
      this.#speakUp();
      this.#conversation.send(text);
      this.#showBanner();
    }

    /** Sends a choice by its title, which everybody can read in the log; by its value when two have the same title. */
    #choose(button, all) {
      if (button.value === "sign_in" && this.#signInUrl) {
        this.#openSignIn();
        return;
      }
      const clear = all.filter((other) => other.title === button.title).length === 1;
      this.#send(clear ? button.title : button.value);
    }

    // What the conversation tells

    #listener() {
      return {
        message: (message) => this.#onMessage(message),
        state: (state) => this.#onState(state),
        queued: (item) => this.#add({ kind: "pending", item }),
        accepted: (item, id) => this.#onAccepted(item, id),
        refused: (item, failure) => this.#onRefused(item, failure),
        waiting: (failure, ms) => {
          this.#waiting = { failure, seconds: Math.max(1, Math.ceil(ms / 1_000)) };
          this.#showBanner();
        },
        connection: (up) => {
          this.#setDown(!up, 1_500);
          if (up) this.#speakUp();
        },
        renewed: () => this.#onRenewed(),
      };
    }

    #onMessage(message) {
      if (message.from === "officer" && message.officer) this.#officer = message.officer;
      const line = this.#lines.find((one) => one.kind === "message" && !one.past && one.message.id === message.id);
      if (line) {
        const same = line.message.text === message.text;
        line.message = message; // the stored text may have numbers masked
        if (!same) this.#redraw(line);
      } else {
        this.#add({ kind: "message", message, language: this.#state?.language ?? this.#language });
      }
    }

    #onAccepted(item, id) {
      this.#waiting = null;
      const line = this.#lines.find((one) => one.item === item);
      if (this.#lines.some((one) => one.kind === "message" && !one.past && one.message.id === id)) {
        this.#remove(line);
      } else {
        Object.assign(line, {
          kind: "message",
          item: null,
          message: { id, from: "member", text: item.text, at: item.at },
        });
        this.#place(line);
        this.#redraw(line);
      }
      this.#showBanner();
    }

    #onRefused(item, failure) {
      this.#waiting = null;
      const line = this.#lines.find((one) => one.item === item);
      line.refusal = failure.message || this.#say("unexpected");
      this.#redraw(line);
      this.#announce(`${this.#say("not_sent")}. ${line.refusal}`);
      this.#showBanner();
    }

    #onRenewed() {
      for (const line of this.#lines) if (line.kind === "message") line.past = true;
      this.#state = null;
      this.#officer = null;
      this.#speakUp();
      this.#add({ kind: "notice", key: "renewed", past: true });
      this.#showState();
      this.#showChoices();
    }

    #onState(state) {
      const { spoken } = this.#store.record;
      const wasSignedIn = this.#state?.signed_in;
      this.#state = state;
      if (state.owner !== "officer") this.#officer = null;
      if (state.signed_in !== wasSignedIn && wasSignedIn !== undefined) {
        this.#notice = state.signed_in ? null : this.#say("signed_out");
        this.#showBanner();
      }
      this.#showState();
      if (LANGUAGES.includes(state.language) && state.language !== spoken) {
        this.#store.save({ spoken: state.language });
        // The member changed language in the conversation itself: the chat follows.
        if (spoken && state.language !== this.#language) this.#setLanguage(state.language).catch(() => {});
      }
    }

    // Lines of the log

    #add(line) {
      const end = this.#atEnd();
      line.node = make("li");
      this.#place(line);
      this.#redraw(line);
      this.#showChoices();
      this.#showBanner();
      this.#reveal(line, end);
      if (line.kind !== "message" || line.message.from === "member") return;
      if (this.#isOpen) this.#markSeen();
      else if (!this.#quiet) this.#announce(this.#say("arrived", { author: this.#authorOf(line.message) }));
      this.#showUnread();
    }

    #remove(line) {
      line.node.remove();
      this.#lines = this.#lines.filter((one) => one !== line);
      this.#showChoices();
    }

    /** Messages in the order of their ids, then what is not sent yet. A line that stands right is not touched. */
    #place(line) {
      const others = this.#lines.filter((one) => one !== line);
      let index = others.length;
      if (line.kind === "message") {
        const before = others.findIndex(
          (one) => !one.past && (one.kind === "pending" || one.message.id > line.message.id),
        );
        if (before >= 0) index = before;
      } else if (line.past) {
        const before = others.findIndex((one) => one.kind === "pending");
        if (before >= 0) index = before;
      }
      others.splice(index, 0, line);
      this.#lines = others;
      const next = others[index + 1]?.node ?? null;
      if (line.node.parentNode !== this.#parts.lines || line.node.nextSibling !== next)
        this.#parts.lines.insertBefore(line.node, next);
    }

    #authorOf(message) {
      if (message.from === "officer" && message.officer)
        return this.#say("author_officer_named", { name: message.officer });
      return this.#say(`author_${message.from}`);
    }

    #redraw(line) {
      const { node } = line;
      if (line.kind === "notice") {
        node.className = "line system";
        node.replaceChildren(
          this.#about("system", null),
          make("div", { class: "said" }, make("p", {}, this.#say(line.key))),
        );
      } else if (line.kind === "pending") {
        this.#redrawPending(line);
      } else {
        this.#redrawMessage(line);
      }
    }

    #about(from, at, author = this.#say(`author_${from}`)) {
      const date = at ? new Date(at) : null;
      const time =
        date && !Number.isNaN(date.getTime())
          ? make("time", { datetime: date.toISOString() }, formatTime(date, this.#language))
          : null;
      return make("p", { class: "about" }, make("span", { class: "author" }, author), time);
    }

    #redrawPending(line) {
      const { item, refusal } = line;
      line.node.className = "line member pending";
      line.node.replaceChildren(this.#about("member", null), make("div", { class: "said" }, ...showText(item.text)));
      if (refusal) {
        line.node.append(
          make("p", { class: "note failed" }, `${this.#say("not_sent")}. ${refusal}`),
          make(
            "button",
            { type: "button", class: "change", onclick: () => this.#takeBack(line) },
            this.#say("change_text"),
          ),
        );
      } else {
        line.note = make("p", { class: "note", hidden: !this.#stuck }, this.#say("not_sent_yet"));
        line.node.append(line.note);
      }
    }

    /** A refused message goes back to where it was written. */
    #takeBack(line) {
      const { text, error } = this.#parts;
      text.value = text.value.trim() ? `${line.item.text}\n${text.value}` : line.item.text;
      error.textContent = "";
      this.#remove(line);
      this.#onInput();
      text.focus();
    }

    #redrawMessage(line) {
      const { message, node } = line;
      const from = ["member", "bot", "officer", "system"].includes(message.from) ? message.from : "system";
      const said = make(
        "div",
        { class: "said", lang: from === "bot" || from === "system" ? line.language : null },
        ...showText(message.text),
      );
      const sources = (message.sources ?? []).filter((source) => source?.title);
      if (sources.length) said.append(this.#sources(sources));
      node.className = `line ${from}`;
      node.replaceChildren(this.#about(from, message.at, this.#authorOf({ ...message, from })), said);
      const buttons = (message.buttons ?? []).filter((button) => button?.title);
      line.choices = buttons.length ? this.#choices(buttons, "choices") : null;
      if (line.choices) node.append(line.choices);
    }

    #choices(buttons, key) {
      const items = buttons.map((button) =>
        make("li", {}, make("button", { type: "button", onclick: () => this.#choose(button, buttons) }, button.title)),
      );
      return make("ul", { class: "choices", role: "list", "aria-label": this.#say(key) }, ...items);
    }

    #sources(sources) {
      const items = sources.map((source) => {
        const date = source.date
          ? make(
              "span",
              { class: "date" },
              this.#say("source_date", { date: formatSourceDate(source.date, this.#language) }),
            )
          : null;
        return make("li", {}, source.url ? this.#link(source.url, source.title) : source.title, date);
      });
      const label =
        sources.length === 1 ? this.#say("sources_one") : this.#say("sources_many", { count: sources.length });
      return make("details", { class: "sources" }, make("summary", {}, label), make("ul", {}, ...items));
    }

    #link(address, title) {
      const url = webAddress(address);
      if (!url) return title;
      const hint = make("span", { class: "unseen" }, ` (${this.#say("new_window")})`);
      return make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, title, hint);
    }

    /** The first lines, there before anything is asked: a computer, of which fund, and how to reach a person. */
    #introduce() {
      const { fund } = this.#content;
      const lines = [this.#say("introduction"), this.#say("introduction_purpose"), this.#say("introduction_person")];
      if (fund.telephone) lines.push(this.#say("introduction_telephone", { telephone: fund.telephone }));
      const said = make("div", { class: "said" }, ...lines.map((line) => make("p", {}, line)));
      if (fund.privacy) said.append(make("p", {}, this.#link(fund.privacy, this.#say("privacy"))));
      const buttons = ["suggestion_contributions", "suggestion_payment", "suggestion_person"].map((key) => ({
        title: this.#say(key),
        value: this.#say(key),
      }));
      this.#parts.suggestions = this.#choices(buttons, "suggestions");
      this.#parts.introduction.replaceChildren(this.#about("bot", null), said, this.#parts.suggestions);
    }

    /** Only the newest words of the other side offer choices; older ones would be answered out of place. */
    #showChoices() {
      this.#parts.suggestions.hidden = this.#lines.some((line) => line.kind !== "notice");
      const spoken = this.#lines.filter((line) => line.kind === "pending" || line.message?.from !== "system");
      const newest = spoken[spoken.length - 1];
      for (const line of this.#lines) {
        const after = newest === undefined || this.#lines.indexOf(line) >= this.#lines.indexOf(newest);
        if (line.choices) line.choices.hidden = line.past || !after;
      }
      // What has the focus must not vanish under the reader.
      if (this.#root.activeElement?.closest(".choices")?.hidden) this.#rest();
    }

    /** Puts the focus where reading or writing goes on; on a touch screen the keyboard would hide the answer. */
    #rest() {
      (touch() ? this.#parts.log : this.#parts.text).focus();
    }

    // Scrolling

    #atEnd() {
      const { log } = this.#parts;
      return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    }

    /** To the newest line; before anything was said, to the first words of the introduction. */
    #scrollToEnd() {
      const { log } = this.#parts;
      log.scrollTop = this.#lines.length ? log.scrollHeight : 0;
    }

    #toNewest() {
      this.#parts.newest.hidden = true;
      this.#scrollToEnd();
      this.#parts.log.focus({ preventScroll: true });
    }

    /** Shows a new line from its first word; a reader who scrolled back is not dragged away but told. */
    #reveal(line, wasAtEnd) {
      const { log, newest } = this.#parts;
      if (!this.#isOpen) return;
      if (line.kind === "pending" || wasAtEnd || this.#quiet) {
        const top = line.node.offsetTop - log.offsetTop - 12;
        log.scrollTop = line.kind === "message" && !this.#quiet ? top : log.scrollHeight;
        this.#pinned = this.#atEnd();
      } else if (line.kind !== "message" || line.message.from !== "member") {
        newest.hidden = false;
      }
    }

    // Header, banner, errors

    #showState() {
      const { owner, session, signedIn } = this.#parts;
      const who = this.#state?.owner ?? "bot";
      const text =
        who === "officer" && this.#officer
          ? this.#say("owner_officer_named", { name: this.#officer })
          : this.#say(`owner_${who}`);
      write(owner, text);
      owner.className = `owner ${who}`;
      const inside = Boolean(this.#state?.signed_in);
      session.hidden = !inside && !this.#signInUrl;
      write(session, this.#say(inside ? "sign_out" : "sign_in"));
      write(signedIn, inside ? this.#say("signed_in") : "");
      this.#showTyping(who === "bot" && Boolean(this.#state?.busy));
    }

    #showTyping(busy) {
      const { typing } = this.#parts;
      clearTimeout(this.#timers.typing);
      if (!busy) {
        typing.replaceChildren();
        return;
      }
      const show = () =>
        typing.replaceChildren(
          make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")),
          this.#say("typing"),
        );
      if (typing.childNodes.length) show();
      else this.#timers.typing = setTimeout(show, TYPING_AFTER);
    }

    /** Whether what is written now waits for the connection or for its turn. */
    get #stuck() {
      return this.#down || this.#waiting !== null;
    }

    /** A connection that is lost for a moment only is not worth a word. */
    #setDown(down, after) {
      clearTimeout(this.#timers.down);
      const set = () => {
        if (this.#down === down) return;
        this.#down = down;
        this.#showBanner();
      };
      if (down && after) this.#timers.down = setTimeout(set, after);
      else set();
    }

    #showBanner() {
      const { banner } = this.#parts;
      const waits = this.#conversation?.outbox.length > 0;
      let text = this.#notice ?? "";
      if (this.#waiting && waits) {
        const { failure, seconds } = this.#waiting;
        if (failure.status === 429)
          text = [failure.message, this.#say("too_fast", { seconds })].filter(Boolean).join(" ");
        else text = failure.message || this.#say("offline_queued");
      } else if (this.#down) {
        text = this.#say(waits ? "offline_queued" : "offline");
      }
      write(banner, text);
      banner.classList.toggle("trouble", this.#stuck);
      for (const line of this.#lines) if (line.kind === "pending" && line.note) line.note.hidden = !this.#stuck;
    }

    #fail(failure) {
      write(this.#parts.error, failure.message || this.#say("unexpected"));
    }

    /** Says something to a screen reader only; inside the window while it is open, for there the reader is. */
    #announce(text) {
      const { announcer, whisper } = this.#parts;
      write(this.#isOpen ? whisper : announcer, text);
    }

    /** From here on new lines are read aloud (a moment later, so that what stands there already is not). */
    #speakUp() {
      if (!this.#quiet) return;
      this.#quiet = false;
      requestAnimationFrame(() => requestAnimationFrame(() => this.#parts.log.setAttribute("aria-live", "polite")));
    }

    // What was not seen yet

    #unseen() {
      const { seen } = this.#store.record;
      return this.#lines.filter(
        (line) =>
          line.kind === "message" &&
          !line.past &&
          line.message.from !== "member" &&
          (seen === null || line.message.id > seen),
      );
    }

    #markSeen() {
      const unseen = this.#unseen();
      if (unseen.length) this.#store.save({ seen: unseen[unseen.length - 1].message.id });
    }

    #showUnread() {
      const { launcher } = this.#parts;
      const count = this.#isOpen ? 0 : this.#unseen().length;
      launcher.replaceChildren(icon(ICONS.chat), this.#say("launcher"));
      if (count === 0) return;
      const text = count === 1 ? this.#say("launcher_unread_one") : this.#say("launcher_unread_many", { count });
      launcher.append(
        make("span", { class: "badge", "aria-hidden": "true" }, String(count)),
        make("span", { class: "unseen" }, ` (${text})`),
      );
    }

    // Language

    async #setLanguage(language) {
      const content = await this.#load(language);
      this.#content = content;
      this.#store.save({ language });
      const { log } = this.#parts;
      log.setAttribute("aria-live", "off"); // the same lines again are no news
      this.#relabel();
      setTimeout(() => log.setAttribute("aria-live", this.#quiet ? "off" : "polite"), 500);
    }

    /** The switch in the header: the chat changes at once, and a conversation under way is asked to change too. */
    async #switchLanguage(language) {
      if (language === this.#language) return;
      try {
        await this.#setLanguage(language);
      } catch (failure) {
        this.#fail(failure);
        return;
      }
      if (this.#lines.some((line) => !line.past)) this.#send(this.#say("switch_message"));
    }

    // Signing in

    #openSignIn() {
      const url = this.#signInUrl;
      if (!url) return;
      url.searchParams.set("return_origin", location.origin);
      url.searchParams.set("language", this.#language);
      this.#parts.error.textContent = "";
      this.#popup = window.open(url.href, "relais-sign-in", "popup,width=480,height=680");
      if (!this.#popup) {
        this.#fail(new Failure(0, { message: this.#say("sign_in_blocked") }));
        return;
      }
      this.#notice = this.#say("sign_in_window");
      this.#showBanner();
      clearInterval(this.#timers.popup);
      let closed = 0;
      this.#timers.popup = setInterval(() => {
        if (this.#popup.closed) closed += 1;
        if (closed > 2) this.#endSignIn(); // its last message has had the time to arrive
      }, 500);
    }

    #endSignIn() {
      clearInterval(this.#timers.popup);
      this.#popup = null;
      this.#notice = null;
      this.#showBanner();
    }

    /** The portal's token, taken only from the window that was opened here and from the portal's own origin. */
    async #onSignIn(event) {
      const url = this.#signInUrl;
      if (!url || !this.#popup || event.origin !== url.origin) return;
      if (event.source !== this.#popup && event.source !== null) return; // null: it closed itself right after
      if (event.data?.type !== "relais-sign-in" || typeof event.data.token !== "string") return;
      this.#popup.close();
      this.#endSignIn();
      this.#speakUp();
      try {
        await this.#conversation.signIn(event.data.token);
      } catch (failure) {
        this.#fail(failure);
      }
    }

    async #signOut() {
      try {
        await this.#conversation.signOut();
      } catch (failure) {
        if (!failure.renewed) this.#fail(failure);
      }
    }
  }

  /** Writes a text only when it differs, so that a screen reader does not hear it twice. */
  function write(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function touch() {
    return matchMedia("(pointer: coarse)").matches;
  }

  function isReload() {
    return performance.getEntriesByType("navigation")[0]?.type === "reload";
  }

  customElements.define("relais-chat", RelaisChat);

  /** One script tag is enough: it brings its own element, unless the page has placed one. */
  function embed() {
    if (document.querySelector("relais-chat")) return;
    const chat = document.createElement("relais-chat");
    for (const name of ["language", "fund", "signInUrl"])
      if (SCRIPT.dataset[name]) chat.dataset[name] = SCRIPT.dataset[name];
    document.body.append(chat);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", embed);
  else embed();
})();
