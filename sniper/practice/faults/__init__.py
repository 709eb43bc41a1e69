"""What goes wrong at a practice site on purpose: chosen when it starts, set and cleared while it runs."""
