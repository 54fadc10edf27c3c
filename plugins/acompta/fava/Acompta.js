// What Fava's sortable tables lack: a keyboard, and words for a screen reader.

/** Tell assistive technology how the table is sorted. */
function describe(table) {
  for (const head of table.querySelectorAll("th[data-sort]")) {
    const order = head.getAttribute("data-order");
    if (order) {
      head.setAttribute("aria-sort", order === "asc" ? "ascending" : "descending");
    } else {
      head.removeAttribute("aria-sort");
    }
  }
}

function onKeydown(event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.currentTarget.click();
  }
}

/** Sorting of the tables of ``root`` by keyboard. */
function prepare(root) {
  for (const table of root.querySelectorAll("table[is=sortable-table]")) {
    for (const head of table.querySelectorAll("th[data-sort]")) {
      head.tabIndex = 0;
      head.addEventListener("keydown", onKeydown);
      head.addEventListener("click", () => describe(table));
    }
  }
}

const AGAIN_AFTER = 300;

/** What is still being made is asked for again until it is whole, while its page is the one shown. */
function follow(waiting) {
  setTimeout(async () => {
    if (!waiting.isConnected) return;
    const url = new URL(window.location.href);
    url.searchParams.set("partial", "true");
    let next = waiting;
    try {
      const answer = await fetch(url);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = answer.ok && page.getElementById(waiting.id);
      if (!found || !waiting.isConnected) return;
      waiting.replaceWith(found);
      prepare(found);
      next = found;
    } catch {
      // The server is away: the next time may find it.
    }
    if (next.hasAttribute("data-again")) follow(next);
  }, AGAIN_AFTER);
}

export default {
  onExtensionPageLoad() {
    for (const page of document.querySelectorAll(".acompta")) prepare(page);
    for (const waiting of document.querySelectorAll(".acompta [data-again]")) follow(waiting);
  },
};
