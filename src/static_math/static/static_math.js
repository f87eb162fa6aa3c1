// What is wider than its box can be scrolled by keyboard too; what fits is no stop on the way through
// the page. A box is marked by data-scrolls, whose value says what it holds.
(() => {
  const look = (box) => {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", `${box.dataset.scrolls}, scrolls sideways`);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  };
  const observer = new ResizeObserver((changes) => changes.forEach(({ target }) => look(target)));
  document.querySelectorAll("[data-scrolls]").forEach((box) => observer.observe(box));
})();
