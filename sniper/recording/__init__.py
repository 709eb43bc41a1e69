"""What is kept of a run's pages: recorded as it goes on, scrubbed before it is kept, shown, exported."""
