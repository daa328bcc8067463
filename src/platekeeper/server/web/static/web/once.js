"use strict";
// What a form was answered with is shown this once: loaded anew, the page is that of what was made, and nothing is made twice.
history.replaceState(null, "", document.currentScript.dataset.address);
