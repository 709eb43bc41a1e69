"""The browser engine: one isolated Playwright context per account, the site's own controls pressed."""
