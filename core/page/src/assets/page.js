"use strict";
(() => {
  const main = document.getElementById("main");
  const pause = document.getElementById("pause");
  const isPaused = () => pause.getAttribute("aria-pressed") === "true";
  const isReading = () => document.hidden || !getSelection().isCollapsed;
  const arm = () => main.querySelectorAll("button[data-copy]").forEach((button) => { button.hidden = false; });

  const replace = (page) => {
    const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
    const focused = main.contains(document.activeElement) ? document.activeElement.id : "";
    main.replaceChildren(...page.getElementById("main").childNodes);
    main.dataset.again = page.getElementById("main").dataset.again;
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    arm();
    if (focused) document.getElementById(focused)?.focus();
    say(page.getElementById("verdict"), page.getElementById("renewed").textContent, page.title);
  };

  const say = (verdict, renewed, title) => {
    const shown = document.getElementById("verdict");
    if (shown.textContent !== verdict.textContent) shown.replaceChildren(...verdict.childNodes);
    shown.dataset.level = verdict.dataset.level;
    document.getElementById("renewed").textContent = renewed;
    document.title = title;
  };

  const lost = () => {
    const verdict = document.createElement("p");
    verdict.dataset.level = "unknown";
    verdict.textContent = "? Not known";
    const shown = document.getElementById("renewed").textContent.split(" This page")[0];
    say(verdict, shown + " This page gets no answer since: what it shows may be old.", "Not known: backups of etcd");
  };

  const look = async () => {
    if (!isPaused() && !isReading()) {
      try {
        const answer = await fetch(location.href, { cache: "no-store", redirect: "error" });
        if (!answer.ok) throw new Error(answer.statusText);
        replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        lost();
      }
    }
    setTimeout(look, 1000 * main.dataset.again);
  };

  pause.addEventListener("click", () => pause.setAttribute("aria-pressed", String(!isPaused())));
  main.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const command = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.firstChild.data = "Copied";
    } catch {
      getSelection().selectAllChildren(command);
      button.firstChild.data = "Selected: copy it now";
    }
  });
  pause.hidden = false;
  arm();
  setTimeout(look, 1000 * main.dataset.again);
})();
