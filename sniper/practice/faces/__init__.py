"""The faces the venue can wear: the sites whose pages and API it speaks."""
