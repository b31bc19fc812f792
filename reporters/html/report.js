"use strict";
// The page is whole without this: it adds a search, the keyboard, buttons that copy, and a choice of colours.
(() => {
  const all = (what, from = document) => Array.from(from.querySelectorAll(what));
  const one = (id) => document.getElementById(id);
  const root = document.documentElement;
  for (const part of all(".script, .keys, #theme")) part.hidden = false;

  const remember = (value) => { try { localStorage.setItem("hgrun-theme", value); } catch { /* a sandbox keeps nothing */ } };
  try { const kept = localStorage.getItem("hgrun-theme"); if (kept === "dark" || kept === "light") root.dataset.theme = kept; } catch { /* nor has it anything */ }
  one("theme")?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember(root.dataset.theme);
  });

  const copied = async (text, button) => {
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    button.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  // Buttons come when their part is opened: thousands of them would delay the page.
  document.addEventListener("toggle", (event) => { if (event.target.matches("details[open].wire, details[open].curl")) buttons(event.target); }, true);
  const buttons = (part) => all("pre.copy, pre.body", part).filter((pre) => !pre.closest(".copier")).forEach((pre) => {
    const box = document.createElement("div"), button = document.createElement("button");
    box.className = "copier";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => copied(pre.textContent, button));
    pre.before(box);
    box.append(pre, button);
  });

  const filters = one("filters");
  const search = one("search"), slower = one("slower"), method = one("method");
  const shown = filters?.querySelector(".shown"), none = document.querySelector(".none");
  const items = filters ? all(".row, .failure").map((node) => ({
    node, ms: Number(node.dataset.ms), row: node.classList.contains("row"),
    method: node.querySelector(".method")?.textContent ?? "", text: "",
  })) : [];
  const methods = new Set(items.map((item) => item.method).filter(Boolean));
  for (const name of [...methods].sort()) method?.append(new Option(name, name));
  if (methods.size < 2 && method) method.parentElement.hidden = true;

  const choice = () => filters.querySelector("input[name=show]:checked")?.value ?? "all";
  const fits = (item, words, show) => {
    if (show !== "all" && !item.node.classList.contains(show)) return false;
    if (item.ms < Number(slower.value) || method.value && item.method !== method.value) return false;
    if (words.length === 0) return true;
    item.text ||= item.node.textContent.toLowerCase();
    return words.every((word) => item.text.includes(word));
  };
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean), show = choice();
    const chosen = words.length > 0 || show !== "all" || slower.value !== "0" || method.value !== "";
    let count = 0, rows = 0;
    for (const item of items) {
      const fit = fits(item, words, show);
      item.node.hidden = !fit;
      if (item.row) { rows++; if (fit) count++; }
    }
    for (const heading of all(".folder")) {
      let list = heading.nextElementSibling, some = false;
      for (; list && list.matches(".rows"); list = list.nextElementSibling) some ||= list.querySelector(".row:not([hidden])") !== null;
      heading.hidden = !some;
    }
    for (const part of all(".suite")) part.hidden = chosen && !part.querySelector(".row:not([hidden])");
    const failures = one("failures");
    if (failures) failures.hidden = !failures.querySelector(".failure:not([hidden])");
    none.hidden = count > 0;
    shown.textContent = chosen ? `${count} of ${rows} rows` : "";
  };
  const keep = () => {
    const state = new URLSearchParams();
    if (choice() !== "all") state.set("show", choice());
    if (search.value) state.set("q", search.value);
    if (slower.value !== "0") state.set("slower", slower.value);
    if (method.value) state.set("method", method.value);
    try { history.replaceState(null, "", state.size ? "#" + state : location.pathname + location.search); } catch { /* a sandbox has no address */ }
  };
  const goTo = (id) => {
    const node = one(id);
    if (!node) return;
    for (let up = node; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    node.scrollIntoView();
  };
  const read = () => {
    const text = location.hash.slice(1);
    if (!text.includes("=")) { if (text) goTo(text); return; }
    const state = new URLSearchParams(text);
    const radio = one("show-" + (state.get("show") ?? "all"));
    if (radio) radio.checked = true;
    search.value = state.get("q") ?? "";
    slower.value = state.get("slower") ?? "0";
    method.value = state.get("method") ?? "";
    if (slower.selectedIndex < 0) slower.value = "0";
    if (method.selectedIndex < 0) method.value = "";
    apply();
  };
  const change = () => { apply(); keep(); };
  const clear = () => {
    search.value = ""; slower.value = "0"; method.value = "";
    one("show-all").checked = true;
    change();
  };
  if (filters) {
    let wait = 0;
    search.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(change, 80); });
    filters.addEventListener("change", change);
    addEventListener("hashchange", read);
    read();
  }

  let at = null;
  const step = (by) => {
    const stops = all(".failure > summary, .row").filter((node) => node.checkVisibility ? node.checkVisibility() || node.matches(".rows > .row:not([hidden])") : true)
      .filter((node) => !node.closest("[hidden]"));
    const next = stops[Math.min(Math.max((at ? stops.indexOf(at) : by > 0 ? -1 : stops.length) + by, 0), stops.length - 1)];
    if (!next) return;
    at = next;
    const target = next.matches("summary") ? next : next.querySelector("summary, a") ?? next;
    if (target === next && next.matches("li")) next.tabIndex = -1;
    target.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && filters) { clear(); document.activeElement?.blur(); return; }
    if (event.target.matches?.("input[type=search], select, textarea")) return;
    switch (event.key) {
      case "j": step(1); break;
      case "k": step(-1); break;
      case "/": if (search) { event.preventDefault(); search.focus(); } break;
      case "f": {
        const radio = one("show-failed") ?? one("show-errored");
        if (radio) { radio.checked = true; change(); one("failures")?.scrollIntoView(); }
        break;
      }
    }
  });

  const folded = [];
  addEventListener("beforeprint", () => { for (const part of all(".failure:not([open])")) { part.open = true; folded.push(part); } });
  addEventListener("afterprint", () => { for (const part of folded.splice(0)) part.open = false; });
})();
