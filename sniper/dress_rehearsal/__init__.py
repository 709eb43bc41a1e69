"""Dress rehearsals: real runs of a person's file on the practice site, each difficult in a way of its own.

Everything of them stays in folders of their own: neither the record nor the odds know of them afterwards.
"""
