// Sets the theme before anything is painted; loaded as a small blocking script.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const kept = () => {
    try {
      return localStorage.getItem("atelier.theme");
    } catch {
      return null; // storage is switched off: the system's theme is used
    }
  };
  const show = () => {
    const choice = kept();
    const chosen = choice === "light" || choice === "dark";
    root.dataset.theme = chosen ? choice : dark.matches ? "dark" : "light";
    root.dataset.choice = chosen ? choice : "auto";
    const bar = document.querySelector('meta[name="theme-color"]');
    if (bar) bar.content = root.dataset.theme === "dark" ? "#191816" : "#f5f1e8";
  };
  dark.addEventListener("change", show);
  addEventListener("storage", show);
  addEventListener("atelier:theme", show);
  show();
})();
