"""A profile's first draft, from what a person does in a browser: signing in, and booking once."""
