"""Invoices, pro formas and credit notes on paper: what they say (`content`), and how it is drawn (`drawing`)."""
