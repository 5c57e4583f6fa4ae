/* The detailed map: Leaflet over our own outlines, street tiles below when the site has a tile server. Loaded by app.js. */
window.ecoMap = async (box) => {
  const { L } = window;
  const places = JSON.parse(document.getElementById(box.dataset.points).textContent);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--c-${name}`);
  const pane = document.createElement('div');
  pane.className = 'map-live';
  box.append(pane);
  const map = L.map(pane, { scrollWheelZoom: false, attributionControl: true, zoomControl: false });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  map.attributionControl.setPrefix(false);
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution, maxZoom: 19 }).addTo(map);
  const regions = await (await fetch(box.dataset.regions)).json();
  const outline = L.geoJSON(regions, { interactive: false, style: { color: colour('edge'), weight: 1, fillColor: colour('land'), fillOpacity: box.dataset.tiles ? 0 : 1 } });
  /* The outline is drawn to about a kilometre: nearer than that it would only mislead. */
  const zoomed = () => {
    const far = map.getZoom() < 11;
    pane.classList.toggle('is-far', far);
    if (far) outline.addTo(map).bringToBack(); else outline.remove();
  };
  map.on('zoomend', zoomed);
  places.names.forEach((n) => {
    const html = document.createElement('span');
    html.className = 'map-name';
    html.textContent = n.name;
    L.marker([n.lat, n.lng], { interactive: false, keyboard: false, icon: L.divIcon({ className: '', html, iconSize: null }) }).addTo(map);
  });
  const bounds = places.points.map((p) => {
    const html = document.createElement('span');
    html.className = p.sponsored ? 'pin pin-ad' : 'pin';
    html.textContent = p.number ?? '';
    const marker = L.marker([p.lat, p.lng], { title: p.name, alt: p.name, riseOnHover: true, icon: L.divIcon({ className: '', html, iconSize: [30, 30], iconAnchor: [15 - p.dx, 36 - p.dy], popupAnchor: [p.dx, p.dy - 34] }) }).addTo(map);
    const link = document.createElement(p.url ? 'a' : 'span');
    if (p.url) link.href = p.url;
    link.className = 'link';
    link.textContent = p.name;
    marker.bindPopup(link);
    return [p.lat, p.lng];
  });
  map.fitBounds(bounds, { padding: [40, 40], maxZoom: 15 });
  zoomed();
  if (document.activeElement?.matches('[data-map]')) pane.focus();
  /* What the visitor has moved to can be searched: the same question within the corners of the map. */
  if (box.dataset.area) map.once('dragend zoomend', () => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn btn-brand btn-sm map-area';
    button.textContent = box.dataset.areaLabel;
    button.addEventListener('click', () => {
      const url = new URL(box.dataset.area, location), bounds = map.getBounds();
      url.searchParams.set('bbox', [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((d) => d.toFixed(4)).join());
      location.assign(url);
    });
    box.append(button);
  });
};
