"""Tests of the companies' systems: one contract for each port, kept by every implementation."""
