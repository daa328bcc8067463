"""Which LPR has gone blind, drifts, misreads a character or keeps the wrong time, from counts a day (IV.d, IX).

The method, its sources and what it was measured to find are in docs/drift.md.
"""
