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

/** Where the answer takes seconds, say at once that it was asked for, and what is awaited. */
function onWait(event) {
  const link = event.currentTarget;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button > 0) return;
  const said = document.createElement("span");
  said.textContent = link.dataset.wait;
  const progress = document.createElement("progress");
  progress.setAttribute("aria-label", link.textContent);
  const message = link.closest(".message");
  message.setAttribute("role", "status");
  message.setAttribute("aria-busy", "true");
  // After Fava has seen the click.
  setTimeout(() => message.replaceChildren(said, " ", progress));
}

export default {
  onExtensionPageLoad() {
    for (const link of document.querySelectorAll(".acompta a[data-wait]")) {
      link.addEventListener("click", onWait);
    }
    for (const table of document.querySelectorAll(".acompta table[is=sortable-table]")) {
      for (const head of table.querySelectorAll("th[data-sort]")) {
        head.tabIndex = 0;
        head.addEventListener("keydown", onKeydown);
        head.addEventListener("click", () => describe(table));
      }
    }
  },
};
