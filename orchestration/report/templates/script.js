"use strict";
for (const button of document.querySelectorAll("[data-copies]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
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
}
for (const form of document.querySelectorAll("[data-filters]")) {
  const rows = document.getElementById(form.dataset.filters).tBodies[0].rows;
  const show = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const change = form.elements.change.value;
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = (change !== "" && row.dataset.change !== change) || !words.every((w) => text.includes(w));
      shown += !row.hidden;
    }
    form.querySelector("output").textContent = `${shown} shown`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
}
for (const grid of document.querySelectorAll("[data-examples]")) {
  const examples = document.getElementById(grid.dataset.examples).tBodies[0].rows;
  const output = grid.parentElement.querySelector("output");
  const tell = (event) => {
    const row = event.target.closest("svg");
    if (row === null) return;
    const { left, width } = row.getBoundingClientRect();
    const values = row.dataset.values;
    const at = Math.min(values.length - 1, Math.max(0, Math.floor((event.clientX - left) / width * values.length)));
    const [id, , , question] = examples[at].cells;
    const answer = { ".": "not asked", 0: "wrong", 9: "right" }[values[at]] ?? `about ${values[at]} of 9`;
    const prompt = row.previousElementSibling.textContent;
    output.textContent = `${prompt}, ${id.textContent}: ${answer}. ${question.textContent.slice(0, 200)}`;
  };
  grid.addEventListener("pointermove", tell);
  grid.addEventListener("pointerdown", tell);
}
