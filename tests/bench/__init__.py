"""Svar's benchmark: every figure beside its own baseline, measured in the same run.

    python -m tests.bench [--quick] [--only part[,part]]

It talks to 127.0.0.1 only, ends by itself, and writes build/bench.json.
"""
