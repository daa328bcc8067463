// Maps. What is drawn stands in the page as text, too, and an area that is drawn is written into its field, which can be typed.
(() => {
  "use strict";
  const meters = (area) => Math.max(1, Math.round(area));
  const place = ({ lat, lng }) => `${lat.toFixed(6)},${lng.toFixed(6)}`;
  const tone = (name) => `var(${name})`;  // not its value: a page that stays open into the night turns dark

  const text = (words) => Object.assign(document.createElement("span"), { textContent: words });  // Leaflet takes a string for HTML

  // "circle 43.0481,-76.1474 800" or "polygon 43,-76 43,-75 44,-75": as core.search.drawn reads it
  const drawn = (text) => {
    const words = text.trim().toLowerCase().split(/\s+/);
    const points = words.slice(1).filter((word) => word.includes(",")).map((word) => word.split(",").map(Number));
    const style = { color: tone("--accent"), weight: 2 };
    // also "point 43.0481,-76.1474", which stands in two fields
    if (points.some(([lat, lng]) => !Number.isFinite(lat) || !Number.isFinite(lng))) return null;
    if (words[0] === "circle" && points.length === 1 && Number(words[2]) > 0) return L.circle(points[0], { ...style, radius: Number(words[2]) });
    if (words[0] === "point" && points.length === 1) return L.circleMarker(points[0], { ...style, radius: 8 });
    return words[0] === "polygon" && points.length > 2 ? L.polygon(points, style) : null;
  };

  // what a camera may see: a wedge of 30 degrees, 60 meters long
  const view = ({ lat, lng }, degrees) => {
    const rim = [-15, 0, 15].map((turn) => ((degrees + turn) * Math.PI) / 180).map((angle) => [
      lat + (60 * Math.cos(angle)) / 111_320,
      lng + (60 * Math.sin(angle)) / (111_320 * Math.cos((lat * Math.PI) / 180)),
    ]);
    return L.polygon([[lat, lng], ...rim], { color: tone("--accent"), weight: 1, fillOpacity: 0.2, interactive: false });
  };

  const show = (box) => {
    const data = JSON.parse(document.getElementById(box.dataset.map).textContent);
    const { tiles, credit, least, most: finest, bounds } = data.streets;
    const named = text(credit ?? "").innerHTML;
    // a view from the start: Leaflet tells a circle's bounds by its map's
    const map = L.map(box, { center: [43, -75.5], zoom: 6, attributionControl: Boolean(tiles), minZoom: 0, maxZoom: 19, zoomControl: false });
    L.control.zoom({ zoomInTitle: box.dataset.closer, zoomOutTitle: box.dataset.further }).addTo(map);
    L.control.scale().addTo(map);
    const most = Math.max(1, ...data.points.map((point) => point.count ?? 1));
    const dots = data.points.map((point) => {
      const size = point.target ? 9 : point.count === undefined ? 6 : 6 + 14 * Math.sqrt(point.count / most);
      const dot = L.circleMarker([point.lat, point.lng], { radius: size, color: tone(point.open ? "--bad" : "--accent"), fillOpacity: 0.35 });
      const label = text(point.label);
      if (point.target) dot.bindTooltip(label, { permanent: true, direction: "center", className: "map-number" }).setStyle({ fillColor: tone("--paper"), fillOpacity: 1 });
      else dot.bindTooltip(label, { permanent: data.points.length < 13, direction: "auto" });
      if (point.target) dot.on("click", () => document.getElementById(point.target)?.focus());
      return dot.addTo(map);
    });
    const views = data.points.flatMap((point) => (point.views ?? []).map((degrees) => view(point, degrees).addTo(map)));
    if (data.way?.length > 1) L.polyline(data.way, { color: tone("--accent"), weight: 2, dashArray: "4 6" }).addTo(map);
    // never color alone: what stays open is dotted
    const lines = (data.lines ?? []).map(({ line, open }) => L.polyline(line, { color: tone(open ? "--bad" : "--good"), weight: 6, dashArray: open ? "4 8" : null }).addTo(map));
    if (data.ring?.length > 2) L.polygon(data.ring, { color: tone("--soft"), weight: 2, dashArray: "6 6", fill: false, interactive: false }).addTo(map);
    const areas = (data.areas ?? []).flatMap(({ area, label }) => {
      const shape = drawn(area)?.setStyle({ color: tone("--bad"), dashArray: "4 4" });
      return shape ? [shape.bindTooltip(text(label), { permanent: data.areas.length < 13, direction: "center" }).addTo(map)] : [];
    });
    const around = L.featureGroup([...dots, ...lines, ...views, ...areas]).getBounds();
    if (around.isValid()) map.fitBounds(around, { padding: [40, 40], maxZoom: views.length ? 18 : 16, animate: false });
    if (tiles) L.tileLayer(tiles, { attribution: named, minZoom: least ?? 0, maxZoom: 19, maxNativeZoom: finest, bounds }).addTo(map);
    dots.forEach((dot) => dot.bringToFront());
    return map;
  };

  // A field with the area that it writes; a point is written into two, `beside` being its longitude.
  const written = (map, field, beside, label) => {
    let shape = null;
    const draw = (isDone = true) => {
      const point = beside?.value && field.value ? `point ${field.value},${beside.value}` : "";
      shape?.remove();
      shape = drawn(beside ? point : field.value)?.addTo(map) ?? null;
      if (label && isDone) shape?.bindTooltip(text(label), { permanent: true, direction: "center", className: "map-number" });
    };
    const sketch = (words) => {
      const [first, second] = beside ? words.split(",") : [words];
      field.value = first;
      if (beside) beside.value = second ?? "";
      draw(false);
    };
    const write = (words) => {
      sketch(words);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    for (const each of [field, beside]) each?.addEventListener("change", () => draw());
    draw();
    return { sketch, write };
  };

  // A button says what it draws, and into which field; without its own, into the map's.
  const choose = (box, map) => {
    const buttons = [...document.querySelectorAll(`[data-draws="${box.id}"]`)];
    const into = ({ dataset }) => dataset.into ?? box.dataset.field ?? "";
    const fields = new Map();
    for (const each of [box, ...buttons]) {
      const field = document.getElementById(into(each));
      if (field && !fields.has(field.id)) fields.set(field.id, written(map, field, document.getElementById(each.dataset.beside ?? ""), each.dataset.label));
    }
    let [chosen, points] = [null, []];
    const pick = (button) => {
      [chosen, points] = [button, []];
      buttons.filter((each) => each.dataset.kind !== "clear").forEach((each) => each.setAttribute("aria-pressed", String(each === chosen)));
      box.classList.toggle("is-drawing", Boolean(chosen));
      if (chosen) box.scrollIntoView({ block: "nearest" });
    };
    const done = (words) => {
      fields.get(into(chosen)).write(words);
      chosen.focus();
      pick(null);
    };
    buttons.forEach((button) => button.addEventListener("click", () => {
      if (button.dataset.kind === "clear") { fields.get(into(button)).write(""); pick(null); } else pick(chosen === button ? null : button);
    }));
    map.on("click", ({ latlng }) => {
      const kind = chosen?.dataset.kind;
      if (!kind) return;
      points.push(latlng);
      if (kind === "point") done(place(latlng));
      else if (kind === "circle" && points.length === 2) done(`circle ${place(points[0])} ${meters(map.distance(points[0], points[1]))}`);
      else if (kind === "polygon" && points.length > 2) fields.get(into(chosen)).write(`polygon ${points.map(place).join(" ")}`);
    });
    map.on("mousemove", ({ latlng }) => {
      if (chosen?.dataset.kind !== "circle" || points.length !== 1) return;
      fields.get(into(chosen)).sketch(`circle ${place(points[0])} ${meters(map.distance(points[0], latlng))}`);
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && chosen) pick(null); });
  };

  for (const box of document.querySelectorAll("[data-map]")) {
    choose(box, show(box));
  }
})();
