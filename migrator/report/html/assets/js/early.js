"use strict";
// Before anything is drawn: scripts run here, and a blind review must not show a single label.
(() => {
  const root = document.documentElement;
  root.classList.add("live");
  try {
    const theme = localStorage.getItem("migrator:theme");
    if (theme) root.style.colorScheme = theme;
    if (/[#&]blind=1/.test(location.hash)) root.classList.add("blind");
  } catch { /* storage may be switched off */ }
})();
