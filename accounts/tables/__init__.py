"""Files that come in, as lines, bytes or rows: unpacked, in one charset, whatever program saved them."""
