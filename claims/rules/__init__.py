"""Policy, lifecycle and eligibility. Plain Python: no Django and no clock; the caller passes the moment."""
