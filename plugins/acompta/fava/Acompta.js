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

export default {
  onExtensionPageLoad() {
    for (const table of document.querySelectorAll(".acompta table[is=sortable-table]")) {
      for (const head of table.querySelectorAll("th[data-sort]")) {
        head.tabIndex = 0;
        head.addEventListener("keydown", onKeydown);
        head.addEventListener("click", () => describe(table));
      }
    }
  },
};
