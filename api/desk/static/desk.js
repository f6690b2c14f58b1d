// What the desk's pages do beyond their markup: drafts, keys, scrolling, and telling when the connection or the session
// is gone. Everything else is HTMX with server-sent events.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const title = document.title;
  let source = null;
  let sessionEnded = false;

  // --- The stream: one per page. A conversation in a hidden tab lets go of it (a browser holds few per server) and asks
  // every half minute instead; back in view it connects again, which brings what was missed.

  htmx.createEventSource = (url) => (source = new EventSource(url));

  document.addEventListener("visibilitychange", () => {
    const live = byId("live");
    if (!live || !("sleeps" in live.dataset) || sessionEnded) return;
    if (document.hidden) {
      source?.close();
    } else if (source?.readyState === EventSource.CLOSED) {
      const fresh = live.cloneNode(true);
      live.replaceWith(fresh);
      htmx.process(fresh);
    }
  });

  // --- What an officer is writing survives a reload, together with the id that makes a second sending the same line.

  const draftKey = (box) => `draft:${box.dataset.draft}`;

  function restoreDraft() {
    const box = document.querySelector("textarea[data-draft]");
    const kept = box && !box.value && sessionStorage.getItem(draftKey(box));
    if (!kept) return;
    const draft = JSON.parse(kept);
    box.value = draft.text;
    byId("client-id").value = draft.clientId;
  }

  document.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea[data-draft]")) return;
    if (target.value) {
      sessionStorage.setItem(draftKey(target), JSON.stringify({ text: target.value, clientId: byId("client-id").value }));
    } else {
      sessionStorage.removeItem(draftKey(target));
    }
  });

  document.addEventListener("submit", ({ target }) => {
    if (target.getAttribute("action") === "/desk/sign-out") sessionStorage.clear();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (!event.target.matches("textarea[data-draft]")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });

  // --- Scrolling: the newest line stays in view while the officer is there; who reads further up is not moved.

  const history = byId("history");
  let following = true; // until the officer scrolls away; what merely takes room from the history changes nothing

  const isAtEnd = () => history.scrollHeight - history.scrollTop - history.clientHeight < 80;
  function toEnd() {
    history.scrollTop = history.scrollHeight;
    byId("to-newest").hidden = true;
  }

  if (history) {
    toEnd();
    byId("to-newest").addEventListener("click", () => {
      toEnd();
      history.focus();
    });
    history.addEventListener("scroll", () => {
      following = isAtEnd();
      if (following) byId("to-newest").hidden = true;
    });
    new ResizeObserver(() => following && toEnd()).observe(history);
  }

  document.body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    keepFocus(detail.target);
  });

  document.body.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    if (detail.target.id === "lines") {
      if (following) toEnd();
      else byId("to-newest").hidden = false;
    }
    if (detail.target.id === "status") countInTitle();
    if (detail.target.id === "act") restoreDraft();
  });

  // --- Focus: a part that is replaced takes the focus along only when the officer was in it, or pressed a button in it
  // (which is disabled meanwhile and so loses the focus). Whoever merely looks on stays where they are.

  let pressed = null;

  document.addEventListener("submit", ({ target }) => {
    if (target.id === "write") following = true; // one's own line is always shown
    pressed = { form: target, part: target.closest("#act, #requests"), item: target.closest("li")?.id };
  });

  const nowhere = () => document.activeElement === document.body || document.activeElement === null;

  function keepFocus(part) {
    const within = part.contains(document.activeElement);
    const by = pressed?.part === part ? pressed : null;
    if (!within && !by) return;
    setTimeout(() => {
      if (!nowhere()) return; // it is back on the element of the same name, or the officer has gone elsewhere
      const next = (by?.item && byId(by.item)) || part.querySelector("[data-focus]") || part;
      next.focus({ preventScroll: next === part });
      if (by) pressed = null;
    });
  }

  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    const asked = detail.requestConfig.elt; // may have been replaced by now
    if (asked.tagName !== "FORM" || !nowhere()) return;
    if (detail.successful && asked.id !== "write") return; // its part follows
    const form = asked.isConnected ? asked : byId(asked.id);
    setTimeout(() => nowhere() && form?.querySelector("textarea, [name=reason], button")?.focus());
  });

  function countInTitle() {
    const count = document.querySelector("#status [data-count]")?.dataset.count ?? "0";
    document.title = count === "0" ? title : `(${count}) ${title}`;
  }

  // --- Requests of the page

  const connection = byId("no-connection");
  function showConnection(works) {
    if (!connection || connection.hidden === works) return;
    connection.textContent = works ? "" : connection.dataset.text;
    connection.hidden = works;
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    // The session is over: the page has said so once, and need not ask again.
    if (sessionEnded && event.detail.elt.id === "live") event.preventDefault();
  });

  document.body.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    const { status } = detail.xhr;
    showConnection(status < 500);
    if (status === 401) sessionEnded = true;
    if (status === 200 && detail.elt.id === "write") {
      sessionStorage.removeItem(draftKey(detail.elt.querySelector("textarea")));
    }
    if (status === 409) rememberClientId();
  });

  // After a refusal the form may have got a new id for its next sending: the draft must know it.
  function rememberClientId() {
    setTimeout(() => byId("text")?.dispatchEvent(new Event("input", { bubbles: true })));
  }

  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failure, () => showConnection(false));
  }

  restoreDraft();
  countInTitle();
})();
