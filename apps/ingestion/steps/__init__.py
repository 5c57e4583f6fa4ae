"""From a record as it was sent to what an entry may hold, one named step a module. Pure: nothing here reads or writes tables."""
