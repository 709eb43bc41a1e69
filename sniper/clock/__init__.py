"""Time: a clock that is handed in, and the site's clock with its error bound."""
