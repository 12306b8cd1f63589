"use strict";

// Light and dark: the page follows the system until the reader chooses.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const name = document.getElementById("theme-name");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  const show = () => { name.textContent = isDark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();
})();

// Tables: a header sorts by its column, numbers downward first; rows without a number stay last, rows of means below all.
for (const button of document.querySelectorAll(".sort")) {
  button.addEventListener("click", () => {
    const header = button.parentElement;
    const index = header.cellIndex;
    const isNumber = header.classList.contains("n");
    const before = header.getAttribute("aria-sort");
    const order = before === "none" ? (isNumber ? "descending" : "ascending") : before === "ascending" ? "descending" : "ascending";
    for (const other of header.parentElement.cells) other.setAttribute("aria-sort", "none");
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const value = row => row.cells[index].dataset.value;
    const compare = (left, right) => {
      const means = left.classList.contains("mean") - right.classList.contains("mean");
      if (means !== 0 || left.classList.contains("mean")) return means;
      const [a, b] = [value(left), value(right)];
      if (!isNumber) return sign * a.localeCompare(b, "en");
      if (a === "" || b === "") return (a === "") - (b === "");
      return sign * (Number(a) - Number(b));
    };
    const body = header.closest("table").tBodies[0];
    body.append(...[...body.rows].sort(compare));
  });
}

// Legends: a press highlights a line, and a second press removes the highlight.
for (const button of document.querySelectorAll(".legend button")) {
  const figure = button.closest("figure");
  const svg = figure.querySelector("svg");
  const marks = [...svg.querySelectorAll("polyline, ellipse, circle, path")].filter(mark => /var\(--s\d/.test(mark.getAttribute("style")));
  for (const mark of marks) mark.classList.add("series");
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    for (const other of figure.querySelectorAll(".legend button")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(pressed));
    svg.classList.toggle("focused", pressed);
    for (const mark of marks) mark.classList.toggle("front", mark.getAttribute("style").includes(`var(--${button.dataset.series})`));
  });
}

// Sharing: the slider steps through the epochs.
(() => {
  const slider = document.getElementById("epoch");
  if (!slider) return;
  const steps = JSON.parse(document.getElementById("sharing-data").textContent);
  const name = document.getElementById("epoch-name");
  const play = document.getElementById("play");
  const maps = [...document.querySelectorAll("[data-matrix]")].map(map => [...map.querySelectorAll("tbody tr")].map(row => [...row.querySelectorAll("td")]));
  const bars = [...document.querySelectorAll("#bars tbody tr")];
  const tone = heat => heat >= 0.66 ? "hot" : heat >= 0.55 ? "warm" : "cool";
  const percent = part => `${Math.round(part)}\u00a0%`;

  const draw = () => {
    const step = steps[Number(slider.value)];
    name.textContent = step.name;
    slider.setAttribute("aria-valuetext", step.name);
    maps.forEach((map, index) => map.forEach((row, taking) => row.forEach((cell, giving) => {
      if (taking === giving) return;
      const value = step.matrices[index][taking * row.length + giving];
      cell.textContent = String(Math.round(value));
      cell.style.setProperty("--v", value / 100);
      cell.className = tone(value / 100);
    })));
    const overall = step.matrices[0];
    const count = bars.length;
    bars.forEach((row, task) => {
      let taken = 0, given = 0;
      for (let other = 0; other < count; other++) {
        if (other === task) continue;
        taken += overall[task * count + other] / (count - 1);
        given += overall[other * count + task] / (count - 1);
      }
      [taken, given].forEach((value, index) => {
        row.cells[index + 1].style.setProperty("--v", value / 100);
        row.cells[index + 1].firstElementChild.textContent = percent(value);
      });
    });
  };
  slider.addEventListener("input", () => { stop(); draw(); });

  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (slider.value === slider.max) slider.value = "0";
    draw();
    play.textContent = "Stop";
    play.setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      slider.value = String(Number(slider.value) + 1);
      draw();
      if (slider.value === slider.max) stop();
    }, 200);
  });
})();
