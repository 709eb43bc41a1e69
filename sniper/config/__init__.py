"""What the person asks for: bookings.json as models, and the goal it states on a given site and day."""
