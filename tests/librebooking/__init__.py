"""What comes of the LibreBooking profile, at an imitation of the site."""
