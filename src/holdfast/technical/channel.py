"""The words of the bus: something waits to be sent or done (to workers), what customers are told has changed (to web
processes)."""

TECHNICAL = "holdfast_technical"
PROBLEMS = "holdfast_problems"
