"""What pages of figures show: periods, measures and charts, from what the selectors of several applications answer."""
