"""Every message that the product sends, one file for each matter."""
