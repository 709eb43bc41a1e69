"""What a site is: the profile's schema, where profiles are found, and the words that stand in for values."""
