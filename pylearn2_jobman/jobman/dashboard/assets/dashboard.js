// The little that has to happen in the browser: light or dark, what is remembered of the table and
// shared as a link, fetching its rows anew without moving it, the divider, and what a keyboard and a
// screen reader need that Dash's components lack.
(() => {
  const root = document.documentElement;
  const apply = (theme) => { if (theme) root.dataset.theme = theme; };
  apply(localStorage.getItem("jobman-theme"));
  const unchanged = () => window.dash_clientside.no_update;
  const grid = () => dash_ag_grid.getApiAsync("grid");

  // The table as it was left: {columns, widths, sort, filters}; in a link also {where, result,
  // direction}. Kept for each table, and never sent: a link has it behind its #.
  let table = null;
  let view = {};
  let keys = []; // the columns that are shown
  let picked = false; // whether somebody chose them, rather than the page
  const remember = (change) => {
    Object.assign(view, change);
    localStorage.setItem(`jobman-view:${table}`, encodeURIComponent(JSON.stringify(view)));
  };
  // What a link says may be anything: it is taken as far as it is of the right kind.
  const parsed = (text) => {
    try {
      const found = JSON.parse(decodeURIComponent(text)) || {};
      const list = (value) => (Array.isArray(value) ? value : undefined);
      const record = (value) => (value && typeof value === "object" ? value : undefined);
      return {
        ...found, columns: list(found.columns), sort: list(found.sort), best: list(found.best),
        widths: record(found.widths), filters: record(found.filters),
      };
    } catch { return {}; }
  };
  const recall = () => {
    view = parsed(localStorage.getItem(`jobman-view:${table}`) || "");
    if (location.hash.startsWith("#view=")) {
      const { where, result, direction, ...linked } = parsed(location.hash.slice(6));
      history.replaceState(history.state, "", location.pathname);
      remember(linked);
      dash_clientside.set_props("where", { value: where || "" });
      if (result) dash_clientside.set_props("result", { value: result });
      if (direction) dash_clientside.set_props("direction", { value: direction });
    }
  };
  const order = (result, direction) => [result, direction === "highest" ? "desc" : "asc"];

  const watch = (api) => {
    if (Object.keys(view.filters || {}).length) api.setFilterModel(view.filters);
    api.addEventListener("filterChanged", () => remember({ filters: api.getFilterModel() }));
    api.addEventListener("sortChanged", () => {
      const [sorted] = api.getColumnState().filter((column) => column.sort);
      remember({ sort: sorted ? [sorted.colId, sorted.sort] : [] });
    });
    api.addEventListener("columnResized", (event) => {
      if (!event.finished || event.source !== "uiColumnResized") return;
      const widths = event.columns.map((column) => [column.getColId(), column.getActualWidth()]);
      remember({ widths: { ...view.widths, ...Object.fromEntries(widths) } });
    });
    api.addEventListener("columnMoved", (event) => {
      if (!event.finished || event.source !== "uiColumnMoved") return;
      const all = api.getAllGridColumns().map((column) => column.getColId());
      const columns = all.filter((key) => keys.includes(key));
      dash_clientside.set_props("columns", { value: columns });
    });
  };

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
        return unchanged();
      },

      // The columns to show: those just chosen, or at first those remembered, sorted by the best.
      columns(chosen, known) {
        if (table === null) {
          table = known.table;
          recall();
          picked = Array.isArray(view.columns);
          keys = picked ? view.columns : known.shown;
          view.best ??= known.best;
          view.sort ??= order(...view.best);
          grid().then(watch);
        } else if (String(chosen) !== String(keys)) {
          picked = true;
          keys = chosen;
          remember({ columns: keys });
        } else if (!picked) {
          keys = known.shown; // there are others by now
        }
        keys = keys.filter((key) => Object.hasOwn(known.columns, key));
        const last = (key) => key.slice(key.lastIndexOf(".") + 1);
        const names = keys.map(last);
        const definitions = ["jobman.id", ...keys].map((key) => {
          const column = { ...known.columns[key] };
          if (key !== "jobman.id") {
            const short = last(key);
            column.headerName = names.filter((name) => name === short).length === 1 ? short : key;
            column.minWidth = Math.max(116, 44 + 9 * column.headerName.length);
          }
          const width = view.widths?.[key];
          if (width) Object.assign(column, { initialWidth: width, initialFlex: null });
          if (view.sort[0] === key) column.initialSort = view.sort[1];
          return column;
        });
        return [keys, definitions];
      },

      // Another result that counts: the table follows, unless it was sorted by something else.
      best(result, direction) {
        const followed = String(view.sort) === String(order(...view.best));
        remember({ best: [result, direction] });
        if (followed && result) {
          remember({ sort: order(result, direction) });
          const [key, sort] = view.sort;
          grid().then((api) => api.applyColumnState({
            state: [{ colId: key, sort }], defaultState: { sort: null },
          }));
        }
        return unchanged();
      },

      // The address of the page as it is, copied, and in the browser's bar.
      link(clicks, columns, where, result, direction) {
        const linked = { ...view, columns, where: where || "", result, direction };
        const hash = `#view=${encodeURIComponent(JSON.stringify(linked))}`;
        history.replaceState(history.state, "", hash);
        const back = (text) => {
          setTimeout(() => dash_clientside.set_props("link", { children: "Copy link" }), 3000);
          return text;
        };
        return navigator.clipboard
          ? navigator.clipboard.writeText(location.href).then(
            () => back("Copied"), () => back("See the address bar"))
          : back("See the address bar");
      },

      // A filter that is not understood says so where it was typed.
      wrong(errors) {
        const line = document.getElementById("where");
        const mark = (input, text) => {
          if (!input) return;
          input.setAttribute("aria-invalid", text ? "true" : "false");
          input.setCustomValidity(text || "");
          if (text && input === document.activeElement) input.reportValidity();
        };
        mark(line, errors[""]);
        line.setAttribute("aria-errormessage", "where-error");
        for (const cell of document.querySelectorAll("#grid .ag-floating-filter[col-id]")) {
          mark(cell.querySelector("input"), errors[cell.getAttribute("col-id")]);
        }
        return unchanged();
      },

      // The views below the table, once.
      later(condition, views) {
        if (document.getElementById("view")) return unchanged();
        const narrow = matchMedia("(max-width: 640px)");
        const tell = () => dash_clientside.set_props("narrow", { data: narrow.matches });
        narrow.addEventListener("change", tell);
        if (narrow.matches) setTimeout(tell);
        return views;
      },

      all(clicks) {
        grid().then((api) => api.setFilterModel({}));
        return "";
      },

      // The same jobs, changed: scrolling and selection stay. Other jobs: from their beginning.
      refresh(version, where, columns) {
        const other = shown !== null && shown !== (where || "");
        shown = where || "";
        grid().then((api) => {
          if (other) {
            api.purgeInfiniteCache();
            api.ensureIndexVisible(0);
          } else {
            api.refreshInfiniteCache();
          }
        });
        return unchanged();
      },
    },
  });

  // The divider below the table: dragged, or moved with the arrow keys.
  const setHeight = (pixels) => {
    const height = Math.round(Math.min(Math.max(pixels, 180), 2000));
    root.style.setProperty("--table-height", `${height}px`);
    localStorage.setItem("jobman-table-height", height);
    document.getElementById("divider")?.setAttribute("aria-valuenow", height);
  };
  const kept = Number(localStorage.getItem("jobman-table-height"));
  if (kept) setHeight(kept);
  const height = () => document.getElementById("grid").offsetHeight;
  document.addEventListener("pointerdown", (event) => {
    if (event.target.id !== "divider") return;
    event.preventDefault();
    event.target.setPointerCapture(event.pointerId);
    const from = height() - event.clientY;
    event.target.onpointermove = (moved) => setHeight(from + moved.clientY);
    event.target.onpointerup = () => { event.target.onpointermove = null; };
  });

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape" && document.querySelector("#sheet.open")) {
      document.getElementById("close").click();
    } else if (target.id === "divider" && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      setHeight(height() + (event.key === "ArrowUp" ? -36 : 36));
    } else if (target.role === "tab" && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const tabs = [...target.parentElement.children];
      const step = event.key === "ArrowLeft" ? -1 : 1;
      const next = tabs[(tabs.indexOf(target) + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    } else if (event.key === "Enter" && target.matches(".ag-cell")) {
      target.click(); // as a click does, it opens the job
    } else if (target.role === "tab" && ["Enter", " "].includes(event.key)) {
      event.preventDefault();
      target.click();
    }
  });

  // Roles and the order of the keyboard, where Dash's components have none or wrong ones.
  const set = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
  };
  const name = { view: "Views of the jobs", "job-view": "Views of the job" };
  let open = false;
  let left = null; // where the keyboard was before a job was opened
  const repair = () => {
    const sheet = document.getElementById("sheet");
    if (sheet && sheet.classList.contains("open") !== open) {
      open = !open;
      if (open) left = document.activeElement;
      (open ? document.getElementById("close") : left)?.focus({ preventScroll: true });
    }
    for (const list of document.querySelectorAll(".tabs")) {
      set(list, { role: "tablist", "aria-label": name[list.id] || "" });
      for (const tab of list.children) {
        const on = tab.classList.contains("tab-on");
        set(tab, { role: "tab", "aria-selected": String(on), tabindex: on ? "0" : "-1" });
      }
    }
    for (const box of document.querySelectorAll(".dash-dropdown-wrapper")) {
      const hidden = box.querySelector("input.dash-dropdown-focus-target");
      const button = box.querySelector("button.dash-dropdown");
      if (hidden) set(hidden, { tabindex: "-1" });
      if (button) set(button, { tabindex: "0" });
    }
  };
  new MutationObserver(repair).observe(document, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["class", "tabindex"],
  });
})();
