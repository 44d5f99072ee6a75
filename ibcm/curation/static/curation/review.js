// Keys for buttons and links that carry data-key, a box that chooses all, and no second click on what is on its way.
"use strict";

const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  target.click();
});

const all = document.getElementById("choose-all");
if (all) {
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll("input.choose")) box.checked = all.checked;
  });
}

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  // After the browser has read which button was pressed.
  setTimeout(() => {
    for (const button of document.querySelectorAll("form[method=post] button")) button.disabled = true;
  });
});

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
});
