// Keys go to the debugger from the start, not only after a click.
new MutationObserver((_, observer) => {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys && document.body.classList.contains("-first-byte")) {
    observer.disconnect();
    keys.focus();
  }
}).observe(document.documentElement, { subtree: true, attributes: true, childList: true });
