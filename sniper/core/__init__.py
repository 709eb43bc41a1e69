"""The pure part: slots, openings, limits, goals, outcomes, plans, the policy. No I/O, no import of ours."""
