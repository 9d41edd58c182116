"""The notice that wakes couriers."""

# PostgreSQL's LISTEN/NOTIFY, as those of core/notify.py.
PAGING = "holdfast_paging"
