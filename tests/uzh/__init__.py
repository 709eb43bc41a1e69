"""What comes of the uzh profile, at an imitation of the site."""
