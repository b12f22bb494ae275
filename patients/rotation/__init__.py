"""Every place that holds a locked secret, and locking all of them anew. May import: services, sign_in."""
