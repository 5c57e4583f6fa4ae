// Presents the key that the developer portal has just shown: it waits in this tab's storage and is taken out of it.
const keyToTry = sessionStorage.getItem("key-to-try");
sessionStorage.removeItem("key-to-try");
// Swagger UI (`ui`, of the script before this one) knows the ways to identify oneself once it has read the document. Asked before each
// frame is drawn, so that nobody sees an operation that would still be called without the key.
const present = () => ui.preauthorizeApiKey("apiKey", keyToTry) || requestAnimationFrame(present);
if (keyToTry) present();
