"""What the product is compared with: a constant Django view, and a plain Django REST framework view set of the same rows."""
