// Tables: sorted by their headings, searched, and what is shown as a file.
"use strict";
(() => {
  const shown = (cell) => cell.dataset.value ?? cell.querySelector("data")?.value ?? cell.textContent.trim();

  // Ids have up to 19 digits, more than a number of this language holds: long ones are compared as whole numbers.
  function compared(one, other, kind) {
    if (kind !== "number") return one.localeCompare(other, document.documentElement.lang, { numeric: true });
    const numbers = [one, other].map((text) => (/^-?\d{16,}$/.test(text) ? BigInt(text) : parseFloat(text)));
    const [a, b] = numbers;
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : Number(a > b);
  }

  function sort(table, heading) {
    const place = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [row, shown(row.cells[place])]);
    rows.sort(([, a], [, b]) => compared(a, b, heading.dataset.sort) * (down ? -1 : 1));
    body.append(...rows.map(([row]) => row));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const heading of table.tHead.rows[0].cells) {
      if (!heading.dataset.sort) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(table, heading));
    }
  }

  // What a spreadsheet would execute gets an apostrophe; `;` ends a cell for one in Azerbaijani or Russian. As in tables.py.
  const harmless = (text) => {
    if (/^-?\d+(\.\d+)?$/.test(text)) return text;
    const safe = text.replace(/((?:^|[;\t\r\n])\s*)(?=[=+\-@])/g, "$1'");
    return /^[\t\r]/.test(safe) ? `'${safe}` : safe;
  };
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

  // A program can read the numbers, whatever the language of the page; labels stay as they are shown.
  const written = (cell) => harmless(cell.matches("tbody .number") ? shown(cell) : cell.innerText.trim());

  function download(table, name) {
    const lines = [...table.rows].filter((row) => !row.hidden);
    const text = lines.map((row) => [...row.cells].map((cell) => quoted(written(cell))).join(",")).join("\r\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv;charset=utf-8" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  for (const form of document.querySelectorAll("form.search")) {
    const table = document.getElementById(form.dataset.for);
    const rows = [...table.tBodies[0].rows];
    const input = form.querySelector("input");
    const selects = [...form.querySelectorAll("select")];
    const output = form.querySelector("output");

    const tell = () => {
      const values = { shown: rows.filter((row) => !row.hidden).length, all: rows.length };
      output.textContent = window.reportText("table.shown", values);
    };
    const filter = () => {
      const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const codes = [...row.cells].map((cell) => cell.dataset.value ?? "");
        const text = [row.textContent, ...codes].join(" ").toLocaleLowerCase();
        const chosen = selects.every((select) => !select.value || shown(row.cells[select.dataset.column]) === select.value);
        row.hidden = !(chosen && words.every((word) => text.includes(word)));
      }
      tell();
    };
    input.addEventListener("input", filter);
    for (const select of selects) select.addEventListener("change", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelector(".download").addEventListener("click", (event) => download(table, event.currentTarget.dataset.file));
    document.addEventListener("report-language", tell);
    form.hidden = false;
    tell();
  }
})();
