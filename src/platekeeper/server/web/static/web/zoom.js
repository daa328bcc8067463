// The picture over the whole screen: pinch, wheel, buttons or + and - zoom, drag, arrows or a press on a place move, Escape closes.
// Without this file the picture is a link to itself.
(() => {
  "use strict";
  const dialog = document.getElementById("compare");
  const opener = document.querySelector('[data-opens="compare"]');
  if (!dialog?.showModal || !opener) return;
  const stage = dialog.querySelector(".zoom-stage");
  const picture = stage.querySelector("img");
  const [least, most, step, stride] = [1, 8, 1.5, 80];
  const SLACK = 5; // pixels that a finger strays in a press
  const fingers = new Map();
  let pressed = null; // where the first finger came down, as long as it is a press and no drag
  let [scale, x, y] = [1, 0, 0]; // x and y: how far the picture's middle is from the stage's, in pixels

  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  const show = () => {
    const [beyondX, beyondY] = [stage.clientWidth, stage.clientHeight].map((size) => size * (scale - 1) / 2);
    [x, y] = [within(x, -beyondX, beyondX), within(y, -beyondY, beyondY)];
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    dialog.dataset.scale = scale.toFixed(2);
  };
  // What lies at a point of the stage, measured from its middle, stays there.
  const zoom = (factor, [atX, atY] = [0, 0]) => {
    const next = within(scale * factor, least, most);
    [x, y] = [atX - (atX - x) * next / scale, atY - (atY - y) * next / scale];
    scale = next;
    show();
  };
  const move = (byX, byY) => { [x, y] = [x + byX, y + byY]; show(); };
  const whole = () => { [scale, x, y] = [1, 0, 0]; show(); };
  const acts = { in: () => zoom(step), out: () => zoom(1 / step), whole };
  const keys = {
    "+": acts.in, "=": acts.in, "-": acts.out, "0": whole,
    ArrowLeft: () => move(stride, 0), ArrowRight: () => move(-stride, 0), ArrowUp: () => move(0, stride), ArrowDown: () => move(0, -stride),
  };

  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };
  const grip = () => { // the middle of the fingers, and how far they are apart
    const [[aX, aY], [bX, bY]] = [[...fingers.values()][0], [...fingers.values()].at(-1)];
    return { at: [(aX + bX) / 2, (aY + bY) / 2], apart: Math.hypot(aX - bX, aY - bY) };
  };

  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
    whole();
  });
  dialog.addEventListener("click", (event) => acts[event.target.dataset.zoom]?.());
  dialog.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    keys[event.key]();
    event.preventDefault();
  });
  stage.addEventListener("wheel", (event) => {
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, place(event));
    event.preventDefault();
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
    pressed = fingers.size === 1 ? place(event) : null;
  });
  stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = grip();
    fingers.set(event.pointerId, place(event));
    const after = grip();
    if (pressed && Math.hypot(after.at[0] - pressed[0], after.at[1] - pressed[1]) > SLACK) pressed = null;
    move(after.at[0] - before.at[0], after.at[1] - before.at[1]);
    if (before.apart && after.apart) zoom(after.apart / before.apart, after.at);
  });
  stage.addEventListener("pointerup", () => { if (pressed) move(-pressed[0], -pressed[1]); });
  for (const gone of ["pointerup", "pointercancel"]) stage.addEventListener(gone, (event) => fingers.delete(event.pointerId));
  dialog.addEventListener("close", () => fingers.clear());
  window.addEventListener("resize", () => { if (dialog.open) show(); });
})();
