"""Runs that are killed at random instants, and started again."""
