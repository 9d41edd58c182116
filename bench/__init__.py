"""The benchmarks, one command each."""
