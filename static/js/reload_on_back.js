// This page answers something that was sent. Coming back to it later shows the empty page again, instead of the
// browser's own "confirm that you send it again", which frightens people and sends it twice.
history.replaceState(history.state, "", location.href);
