// The page sends what its reader does, and shows what the program answers. Nothing is computed here.
"use strict";

const shownHtml = {};
let shownChanges = "";
let file = { name: "", text: "" };

const at = (id) => document.getElementById(id);
const all = (selector) => document.querySelectorAll(selector);

function act(what, name, value) {
  Shiny.setInputValue("act", { what, name, value }, { priority: "event" });
}

function setValue(element, value) {
  if (element.value !== String(value)) element.value = value;
}

function show(message) {
  for (const [id, html] of Object.entries(message.html)) {
    if (shownHtml[id] !== html) at(id).innerHTML = html;
    shownHtml[id] = html;
  }
  for (const [id, text] of Object.entries(message.text)) {
    if (at(id).textContent !== text) at(id).textContent = text;
  }
  setValue(at("month"), message.month);
  at("month").setAttribute("aria-valuetext", message.text["month-text"]);
  at("play").textContent = message.playing ? "Pause" : "Play";
  for (const id of ["play", "step"]) {
    // A disabled button would lose the focus of who has just pressed it.
    at(id).setAttribute("aria-disabled", message.at_end);
  }
  for (const [side, label] of Object.entries(message.postures)) setValue(at(`posture-${side}`), label);
  for (const [name, level] of Object.entries(message.levels)) showLevel(name, level);
  if (!message.text.fault) {
    setValue(at("seed"), message.seed);
    for (const field of all("[aria-invalid]")) field.removeAttribute("aria-invalid");
    showChanges(message.changes);
  } else {
    shownChanges = "";
  }
  file = message.file;
  document.body.dataset.month = message.month;
  document.body.dataset.ready = "yes";
}

function showLevel(name, level) {
  setValue(at(`level-${name}`), level);
  at(`level-${name}-value`).textContent = Number(level).toFixed(2);
}

function showChanges(changes) {
  const now = JSON.stringify(changes);
  if (now === shownChanges) return;
  shownChanges = now;
  for (const field of all("[data-path]")) {
    const path = field.dataset.path;
    setValue(field, path in changes ? changes[path] : field.dataset.usual);
    field.closest(".setting").classList.toggle("changed", path in changes);
  }
  const place = at("changes");
  place.replaceChildren();
  const paths = Object.keys(changes);
  if (!paths.length) return;
  const list = document.createElement("ul");
  for (const path of paths) {
    const name = path.split(".")[1];
    const item = document.createElement("li");
    const undo = document.createElement("button");
    const usual = document.querySelector(`[data-path="${path}"]`).dataset.usual;
    item.append(`${name}: ${changes[path]} instead of ${usual} `);
    undo.type = "button";
    undo.textContent = "Undo";
    undo.setAttribute("aria-label", `Undo ${name}`);
    undo.addEventListener("click", () => act("change", path, usual));
    item.append(undo);
    list.append(item);
  }
  place.append(list);
}

function search() {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of all(".setting")) {
    const fits = words.every((word) => row.dataset.words.includes(word));
    row.hidden = !fits;
    found += fits ? 1 : 0;
  }
  at("found").textContent = words.length ? `${found} found` : "";
}

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  at("theme").textContent = theme === "dark" ? "Light" : "Dark";
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.text], { type: "application/yaml" }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function copy() {
  navigator.clipboard.writeText(at("command").textContent).then(() => {
    at("copy").textContent = "Copied";
    setTimeout(() => { at("copy").textContent = "Copy the command"; }, 2000);
  });
}

function refusable(field, what, name) {
  field.addEventListener("change", () => {
    field.setAttribute("aria-invalid", "true"); // until the program has taken it
    act(what, name, field.value);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  Shiny.addCustomMessageHandler("show", show);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  applyTheme(dark.matches ? "dark" : "light");
  at("theme").addEventListener("click", () =>
    applyTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  if (window.matchMedia("(max-width: 800px)").matches) at("settings").open = false;
  at("play").addEventListener("click", () => act("play", "", at("play").textContent === "Play"));
  at("step").addEventListener("click", () => act("step", "", ""));
  at("reset").addEventListener("click", () => act("reset", "", ""));
  at("month").addEventListener("input", () => act("month", "", at("month").value));
  at("speed").addEventListener("change", () => act("speed", "", at("speed").value));
  at("state-choice").addEventListener("change", () => act("state", "", at("state-choice").value));
  at("search").addEventListener("input", search);
  at("save").addEventListener("click", save);
  at("copy").addEventListener("click", copy);
  refusable(at("seed"), "seed", "");
  for (const field of all("[data-path]")) refusable(field, "change", field.dataset.path);
  for (const field of all("[data-side]")) {
    field.addEventListener("change", () => act("posture", field.dataset.side, field.value));
  }
  for (const field of all("[data-metric]")) {
    field.addEventListener("change", () => act("metric", field.dataset.metric, field.checked));
  }
  for (const field of all("[data-level]")) {
    field.addEventListener("input", () => {
      at(`${field.id}-value`).textContent = Number(field.value).toFixed(2);
    });
    field.addEventListener("change", () => act("level", field.dataset.level, field.value));
  }
});
