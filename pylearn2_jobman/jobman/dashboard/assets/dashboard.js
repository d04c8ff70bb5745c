// The little that has to happen in the browser: light or dark, fetching the table's rows anew
// without moving it, and Escape.
(() => {
  const root = document.documentElement;
  const apply = (theme) => { if (theme) root.dataset.theme = theme; };
  apply(localStorage.getItem("jobman-theme"));

  let shown = null;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    jobman: {
      theme(clicks) {
        if (clicks) {
          const dark = getComputedStyle(root).colorScheme === "dark"
            || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
          const theme = dark ? "light" : "dark";
          localStorage.setItem("jobman-theme", theme);
          apply(theme);
        }
        return window.dash_clientside.no_update;
      },

      // The same jobs, changed: scrolling and selection stay. Other jobs: from their beginning.
      refresh(version, where, columns) {
        const other = shown !== null && shown !== (where || "");
        shown = where || "";
        dash_ag_grid.getApiAsync("grid").then((api) => {
          if (other) {
            api.purgeInfiniteCache();
            api.ensureIndexVisible(0);
          } else {
            api.refreshInfiniteCache();
          }
        });
        return window.dash_clientside.no_update;
      },
    },
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector("#sheet.open")) {
      document.getElementById("close").click();
    }
  });
})();
