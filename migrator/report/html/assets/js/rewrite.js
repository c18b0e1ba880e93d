"use strict";
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("migrator:theme");
    if (theme) root.style.colorScheme = theme;
  } catch { /* storage may be switched off */ }
  document.getElementById("theme").addEventListener("click", () => {
    const scheme = getComputedStyle(root).colorScheme;
    const dark = scheme === "dark" || (scheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.style.colorScheme = dark ? "light" : "dark";
    try { localStorage.setItem("migrator:theme", root.style.colorScheme); } catch { /* as above */ }
  });
  const files = [...document.querySelectorAll("details.file")];
  const fold = document.getElementById("fold");
  const what = fold.textContent.replace("Fold", "");
  fold.addEventListener("click", () => {
    const open = files.some((file) => file.open);
    for (const file of files) file.open = !open;
    fold.textContent = `${open ? "Unfold" : "Fold"}${what}`;
  });
  // A link to a line opens the file that holds it; paper shows every file.
  const reveal = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => { for (const file of files) file.open = true; });
  reveal();
})();
