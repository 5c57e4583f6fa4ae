// Presents the key that the developer portal has just shown: it waits in this tab's storage and is taken out of it.
const keyToTry = sessionStorage.getItem("key-to-try");
sessionStorage.removeItem("key-to-try");
// Swagger UI (`ui`, of the script before this one) knows the ways to identify oneself once it has read the document.
const present = () => ui.preauthorizeApiKey("apiKey", keyToTry) || setTimeout(present, 100);
if (keyToTry) present();
