// Before anything is drawn: the theme and language that were chosen on another page of this report.
"use strict";
window.reportChoice = {
  get(name, fallback) {
    try {
      return localStorage.getItem("edu2lms-report-" + name) || fallback;
    } catch {
      return fallback; // a browser may keep nothing for pages on a disk
    }
  },
  set(name, value) {
    try {
      localStorage.setItem("edu2lms-report-" + name, value);
    } catch {
      // then it holds for this page only
    }
  },
};
document.documentElement.dataset.theme = window.reportChoice.get("theme", "auto");
