"""What is sold, paid for and owed: plans, Mobile Money payments, invoices and the ledger."""
