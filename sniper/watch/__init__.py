"""Watches a site for slots that can be had: reads its lists, tells what comes and goes, books if told to."""
