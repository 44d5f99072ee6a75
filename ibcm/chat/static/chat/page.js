// Asks without leaving the page: sentences appear as they come, then the server's own rendering takes their place.
// Without this file the page works the same, by plain forms and links. Text from outside enters as text only.
"use strict";
(() => {
  const form = document.getElementById("ask");
  const result = document.getElementById("result");
  const box = document.getElementById("question");
  const city = document.getElementById("city");
  const button = form.querySelector("button");
  const MARKS = /(\s*\[\d+\])+(?=[\s.।?!]*$)/; // the numbers come as links with the whole answer
  let current = null;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const wait = (on) => {
    button.disabled = on;
    result.setAttribute("aria-busy", String(on));
  };

  const showProblem = (text) => {
    const card = element("article", "card problem");
    card.setAttribute("role", "alert");
    card.append(element("h2", "", "That did not work"), element("p", "", text));
    result.replaceChildren(card);
  };

  const begin = (question) => {
    document.querySelector(".hero").classList.add("compact");
    document.querySelectorAll(".hero h1, .hero .lead").forEach((old) => old.remove());
    const card = element("article", "card answer loading");
    const asked = element("h1", "asked unseen", question);
    const said = element("div", "said coming");
    card.append(asked, said);
    result.replaceChildren(card);
    return said;
  };

  const events = async function* (body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const [name, data] = block.split("\n");
        yield [name.slice("event: ".length), JSON.parse(data.slice("data: ".length))];
      }
    }
  };

  const finish = async (answer, signal) => {
    const address = form.action.replace(/\/?$/, "/answers/" + encodeURIComponent(answer.id));
    const response = await fetch(address + "?part=1", { signal });
    if (!response.ok) throw new Error("The answer could not be shown. Try again.");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    result.replaceChildren(...page.body.children);
    history.pushState({ answer: address }, "", address);
    document.title = answer.question.slice(0, 70) + " – IBCM";
    document.getElementById("answer").focus({ preventScroll: true });
  };

  const ask = async (question, options) => {
    if (current) current.abort();
    const mine = (current = new AbortController());
    const said = begin(question);
    wait(true);
    try {
      const response = await fetch("/api/v1/ask/stream", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ question, ...options }),
        signal: mine.signal,
      });
      if (!response.ok) throw new Error((await response.json()).detail);
      for await (const [name, data] of events(response.body)) {
        if (name === "sentence") said.append(element("p", "", data.text.replace(MARKS, "")));
        if (name === "error") throw new Error(data.detail);
        if (name === "done") await finish(data, mine.signal);
      }
      if (said.isConnected) throw new Error("The connection ended before the answer did. Try again.");
    } catch (error) {
      if (error.name === "AbortError") return;
      showProblem(error instanceof TypeError ? "IBCM cannot be reached. Is it still running?" : error.message);
    } finally {
      if (current === mine) wait(false);
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    if (question) ask(question, { city: city.value || null });
    else box.focus();
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-question]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const { question, city: where, conversation } = link.dataset;
    box.value = question;
    city.value = where || "";
    ask(question, { city: where || null, conversation: conversation || null });
    window.scrollTo({ top: 0 });
  });

  // A list entry lights its point.
  const light = (event) => {
    const entry = event.target.closest && event.target.closest(".map li");
    document.querySelectorAll(".point.on").forEach((point) => point.classList.remove("on"));
    if (entry) entry.closest(".map").querySelectorAll(".point")[[...entry.parentNode.children].indexOf(entry)].classList.add("on");
  };
  result.addEventListener("mouseover", light);
  result.addEventListener("mouseleave", light);

  window.addEventListener("popstate", () => window.location.reload());

  // While the stores fill, follow them; once they are ready, show the page that asks.
  const starting = document.getElementById("starting");
  const follow = async () => {
    try {
      const report = await (await fetch(starting.dataset.readyAt)).json();
      if (report.open) return window.location.reload();
      const fresh = await (await fetch(window.location.pathname + "?part=starting")).text();
      const page = new DOMParser().parseFromString(fresh, "text/html");
      starting.replaceChildren(...page.body.firstElementChild.childNodes);
    } catch {
      // The server may be restarting: the next turn will tell.
    }
    setTimeout(follow, 2000);
  };
  if (starting) {
    button.disabled = true;
    setTimeout(follow, 1500);
  }
})();
