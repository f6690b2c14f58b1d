// Search while typing, without asking the server; and the button to print. The page works without it.
"use strict";

const search = document.getElementById("q");
const count = document.getElementById("count");
const articles = [...document.querySelectorAll("article")];

function plain(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
}

function show() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const article of articles) {
    const found = words.every((word) => article.dataset.words.includes(word));
    article.hidden = !found;
    document.querySelector(`li[data-topic="${article.id}"]`).hidden = !found;
    shown += found;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("article:not([hidden]), li[data-topic]:not([hidden])");
  }
  const { none, one, many } = count.dataset;
  count.textContent = shown === 0 ? none : shown === 1 ? one : many.replace("#", shown);
}

// A page that the server has already narrowed down asks the server for a wider search.
if (!new URLSearchParams(location.search).get("q")) {
  search.addEventListener("input", show);
}
const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());
