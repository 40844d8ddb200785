"""Refunds in: one module a file format, one loader.

`formats` says what a file is, by its content; `returns_report`, `finances_v0` and `plain_csv` read it into the records
of `records`; `loader` checks a whole file in a staging table and then applies it in batches.
"""
