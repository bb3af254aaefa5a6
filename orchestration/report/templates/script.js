"use strict";
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (button === null) return;
  const source = document.getElementById(button.dataset.copies);
  const label = button.dataset.label ??= button.textContent;
  source.closest("details")?.setAttribute("open", "");
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    // A page opened from a file may not be allowed to write there. Then the text is selected for the keyboard.
    getSelection().selectAllChildren(source);
    button.textContent = document.execCommand("copy") ? "Copied" : "Selected: copy it with the keyboard";
  }
  setTimeout(() => { button.textContent = label; }, 2000);
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-filters]");
  if (form === null) return;
  const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const change = form.elements.change.value;
  let shown = 0;
  for (const row of document.getElementById(form.dataset.filters).tBodies[0].rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = (change !== "" && row.dataset.change !== change) || !words.every((w) => text.includes(w));
    shown += !row.hidden;
  }
  form.querySelector("output").textContent = `${shown} shown`;
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-filters]")) event.preventDefault();
});

const tellCell = (event) => {
  const row = event.target.closest("[data-examples] svg");
  if (row === null) return;
  const grid = row.closest("[data-examples]");
  const examples = document.getElementById(grid.dataset.examples).tBodies[0].rows;
  const { left, width } = row.getBoundingClientRect();
  const values = row.dataset.values;
  const at = Math.min(values.length - 1, Math.max(0, Math.floor((event.clientX - left) / width * values.length)));
  const [id, , , question] = examples[at].cells;
  const answer = { ".": "not asked", 0: "wrong", 9: "right" }[values[at]] ?? `about ${values[at]} of 9`;
  const prompt = row.previousElementSibling.textContent;
  grid.parentElement.querySelector("output").textContent =
    `${prompt}, ${id.textContent}: ${answer}. ${question.textContent.slice(0, 200)}`;
};
document.addEventListener("pointermove", tellCell);
document.addEventListener("pointerdown", tellCell);
