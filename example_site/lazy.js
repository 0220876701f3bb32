// A lazy loader as many sites have one: the address waits in data-src until the picture is near.
document.addEventListener("DOMContentLoaded", () => {
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        target.src = target.dataset.src;
        watcher.unobserve(target);
      }
    }
  });
  document.querySelectorAll("img.lazy").forEach((image) => watcher.observe(image));
});
