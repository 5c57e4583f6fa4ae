"""Whether two records are one place: features, weights, reasons. Pure: nothing here reads or writes tables."""
