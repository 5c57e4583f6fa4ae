// Starts Redoc on its element; in a file of its own because the page allows no inline script.
const target = document.getElementById("redoc");
Redoc.init(target.dataset.schema, { disableGoogleFont: true, hideDownloadButton: false }, target);
