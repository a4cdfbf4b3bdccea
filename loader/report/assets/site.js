// Language, theme, and the map of models. Every page works without this file, in English and in the theme of the system.
"use strict";
(() => {
  const choice = window.reportChoice;
  const root = document.documentElement;
  // Turkish writes numbers as Azerbaijani does (1.234,5), and Chromium knows it: Azerbaijani it only claims to know.
  const locales = { az: "tr-TR", en: "en-GB", ru: "ru-RU" };

  const formats = new Map();
  function written(value, digits = 0) {
    const key = `${root.lang} ${digits}`;
    if (!formats.has(key)) {
      const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      formats.set(key, new Intl.NumberFormat(locales[root.lang], options));
    }
    return formats.get(key).format(value);
  }

  // A value inside a sentence: a whole number, a number with how many decimals it has, or text.
  function said(value) {
    if (Array.isArray(value)) return written(...value);
    return typeof value === "number" ? written(value) : value;
  }
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => said(values[name]) ?? whole);

  function speak(language) {
    const labels = window.reportLabels[language];
    root.lang = language;
    for (const element of document.querySelectorAll("[data-t]")) {
      const text = labels[element.dataset.t];
      if (text !== undefined) element.textContent = filled(text, JSON.parse(element.dataset.v || "{}"));
    }
    for (const element of document.querySelectorAll("[data-t-label]")) {
      element.setAttribute("aria-label", labels[element.dataset.tLabel] ?? element.getAttribute("aria-label"));
    }
    for (const element of document.querySelectorAll("data[value]")) {
      const number = written(Number(element.value), Number(element.dataset.digits ?? 0));
      element.textContent = element.dataset.unit ? `${number} ${element.dataset.unit}` : number;
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    document.title = `${labels["page." + document.body.dataset.page]} · edu2lms`;
    document.dispatchEvent(new CustomEvent("report-language"));
  }

  window.reportText = (key, values = {}) => {
    return filled(window.reportLabels[root.lang]?.[key] ?? window.reportLabels.en[key], values);
  };

  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      choice.set("language", button.dataset.language);
      speak(button.dataset.language);
    });
  }
  const theme = document.querySelector("[data-theme-switch]");
  theme.value = root.dataset.theme;
  theme.addEventListener("change", () => {
    root.dataset.theme = theme.value;
    choice.set("theme", theme.value);
  });
  document.querySelector(".switches").hidden = false;

  // A number leads to its statement: open it.
  for (const link of document.querySelectorAll('a[href^="#source-"]')) {
    link.addEventListener("click", () => {
      document.querySelector(`${link.hash} details`).open = true;
    });
  }

  // What a model is made of, and what is made of it.
  const map = document.querySelector("[data-map]");
  if (map) {
    const nodes = new Map([...map.querySelectorAll(".node")].map((node) => [node.id.slice(5), node]));
    const parents = (node) => node.dataset.parents.split(" ").filter((key) => nodes.has(key));
    const walk = (start, next) => {
      const found = new Set();
      const pending = next(start);
      while (pending.length) {
        const key = pending.pop();
        if (!found.has(key)) {
          found.add(key);
          pending.push(...next(nodes.get(key)));
        }
      }
      return found;
    };
    const children = (node) => [...nodes].filter(([, other]) => parents(other).includes(node.id.slice(5))).map(([key]) => key);
    map.addEventListener("click", (event) => {
      const node = event.target.closest(".node");
      if (!node) return;
      const chosen = node.getAttribute("aria-pressed") !== "true";
      const above = chosen ? walk(node, parents) : new Set();
      const below = chosen ? walk(node, children) : new Set();
      map.classList.toggle("chosen", chosen);
      for (const [key, other] of nodes) {
        other.setAttribute("aria-pressed", String(chosen && other === node));
        other.classList.toggle("above", above.has(key));
        other.classList.toggle("below", below.has(key));
      }
      document.getElementById("said").textContent = chosen
        ? window.reportText("lineage.said", { above: above.size, below: below.size })
        : "";
    });
  }

  const wanted = choice.get("language", "en");
  if (wanted !== "en" && wanted in window.reportLabels) speak(wanted);
})();
