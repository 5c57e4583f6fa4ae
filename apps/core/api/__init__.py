"""What every endpoint shares: errors, parameters, pages of lists, conditional requests."""
